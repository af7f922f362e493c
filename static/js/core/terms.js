// Words of states, kinds and reasons: one word each, those of the data model.
import { levelOf } from "./severity.js";
import { _ } from "./words.js";

const INCIDENT_STATES = {
  reported: "已上报", verified: "已核实", assigned: "已派单", handling: "处置中", resolved: "已处置",
  closed: "已办结", evaluated: "已评价", dismissed: "不受理", merged: "已合并", objected: "有异议",
};
const HAZARD_STATES = { declared: "已宣布", lifted: "已解除" };
const PLAN_STATES = {
  drafting: "正在起草", drafted: "草案", approved: "已批准", active: "执行中", closed: "已结束",
  failed: "没算成", superseded: "已被替代", rejected: "已退回",
};
const RUN_STATES = {
  queued: "排队", running: "正在算", done: "算完", failed: "没算成", cancelled: "已取消",
};
const CATEGORIES = {
  waterlogging: "积水", flood: "内涝", slope: "边坡", landslide: "滑坡", fire: "火情",
  fire_lane: "占消防通道", gas_smell: "燃气异味", gas: "燃气", power: "供电", fallen_tree: "树木倒伏",
  manhole: "井盖", wall: "围墙", road_damage: "道路损坏", rubbish: "垃圾", noise: "噪声",
  street_light: "路灯", welfare_check: "上门看望", dispute: "纠纷", medical: "医疗", traffic: "交通",
  road_blocked: "道路不通", other: "其他",
};
const HAZARD_KINDS = {
  flood: "洪涝", waterlogging: "积水", landslide: "滑坡", fire: "火灾", gas: "燃气泄漏",
  chemical: "化学品泄漏", earthquake: "地震", typhoon: "台风", collapse: "坍塌",
  crowd: "人群聚集", violence: "暴力事件", security: "社会安全", debris_flow: "泥石流", rainstorm: "暴雨",
  wind: "大风", snow: "雪灾", heat: "高温", forest_fire: "森林火灾", drought: "干旱", traffic: "交通事故",
  power: "停电", dam: "水库水坝", explosion: "爆炸", epidemic: "传染病", food: "食品安全",
  water_supply: "饮水污染", animal_disease: "动物疫情",
};
const HAZARD_CLASSES = { natural: "自然灾害", accident: "事故灾难", health: "公共卫生事件", security: "社会安全事件" };
const REASONS = {
  too_far: "离得太远", no_road: "没有路", cut_off: "路被切断", full: "已满", closed: "没开放",
  not_snapped: "附近没有路", no_capacity: "没有空位", no_capacity_within_reach: "走得到的都满了",
  too_many: "人多放不下", unreachable: "走不到", no_route: "没有路走", trapped: "出不去",
  no_accessible: "没有无障碍的安置点", no_accessible_shelter: "没有无障碍的安置点",
  no_shelter: "没有安置点", inside_hazard: "在险情里", no_exit: "没有出去的路",
  too_large: "一家人多，哪里都放不下", no_common_shelter: "同行的人没有都能到的安置点",
};
const UNPLACED = {
  no_address: "没有地址", not_understood: "地址看不懂", unknown_estate: "没有这个小区",
  unknown_street: "没有这条街", unknown_building: "没有这个楼号", ambiguous: "对上了几栋楼",
};
const NEEDS = {
  disabled: "残疾", wheelchair: "轮椅", bedridden: "卧床", infant: "婴幼儿", pregnant: "孕妇",
  chronic: "慢性病", elderly: "高龄", elderly_alone: "独居老人", living_alone: "独居",
  left_behind_child: "留守儿童", left_behind_elder: "留守老人", blind: "视力障碍", deaf: "听力障碍", oxygen: "吸氧",
};
const PROFILES = { walk: "步行", drive: "开车", truck: "货车", emergency: "应急车辆" };
const FAULTS = {
  gap: "缝隙", overlap: "重叠", outside: "越界", sliver: "碎屑", hole: "空洞",
  multipart: "不连成一块", invalid: "形状无效",
};
const GRID_KINDS = { comprehensive: "综合网格", special: "专属网格", micro: "微网格" };
export const SPECIAL_USES = ["administration", "park", "enterprise", "office", "market", "campus"];
const SPECIAL_USE_WORDS = {
  administration: "行政中心", park: "产业园区", enterprise: "企事业单位", office: "商务楼宇",
  market: "商圈市场", campus: "校园",
};
const ROLES = {
  grid_member: "网格员", unit: "处置单位", duty_officer: "值班员", commander: "指挥员",
  planner: "规划员", planning_lead: "规划负责人", auditor: "审计员", system_admin: "系统管理员",
  security_admin: "安全管理员",
};

// A word that is not known is shown as it came, never hidden.
const from = (table) => (key) => (key ? _(table[key] || String(key)) : "–");

export const incidentState = from(INCIDENT_STATES);
export const hazardClass = from(HAZARD_CLASSES);
export const hazardState = from(HAZARD_STATES);
export const planState = from(PLAN_STATES);
export const runState = from(RUN_STATES);
export const category = from(CATEGORIES);
export const hazardKind = from(HAZARD_KINDS);
export const reason = from(REASONS);
export const unplacedReason = from(UNPLACED);
export const need = from(NEEDS);
export const profile = from(PROFILES);
export const specialUse = from(SPECIAL_USE_WORDS);
export const faultKind = from(FAULTS);
export const gridKind = from(GRID_KINDS);
export const role = from(ROLES);

/** 红, 橙, 黄, 蓝 in the language of the page; "无级" without a level. */
export function colourName(level) {
  return [_("无级"), _("红"), _("橙"), _("黄"), _("蓝")][levelOf(level)];
}

/** The sign inside the shape of a level where no number stands; empty without a level. */
export function colourSign(level) {
  return levelOf(level) ? colourName(level).slice(0, 1) : "";
}

/** Names one after the other, with the comma of the language. */
export function listed(names) {
  return names.join(_("、"));
}
