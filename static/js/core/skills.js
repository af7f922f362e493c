// What teams and volunteers can do, in words.
import { _ } from "./words.js";

const SKILLS = {
  fire: "灭火", rescue: "救援", water_rescue: "水上救援", first_aid: "急救", transport: "转运",
  traffic: "交通疏导", crowd: "人群管控", door_to_door: "上门", carry: "搬运", translate: "翻译",
  cook: "做饭", childcare: "带孩子", boat: "开船", machinery: "开机械", power: "电工", radio: "电台",
  care: "照护",
};

export const skillWord = (word) => _(SKILLS[word] || "其他本领");
