// Words of what somebody may do, and the roles there are, in the order in which they are offered.
import { _ } from "./words.js";

const PERMISSIONS = {
  "map.view": "看地图", "incident.report": "报事", "incident.handle": "处置事件", "incident.dispatch": "派事件",
  "duty.log": "记值班日志", "hazard.declare": "宣布险情", "alert.receive": "接收预警", "sensor.post": "报送监测数据", "household.view": "看住户（不含姓名电话）",
  "household.personal": "看姓名、电话和特殊需要", "household.place": "给住户落位", "household.visit": "走访",
  "household.break_glass": "应急打开资料", "grid.view": "看网格", "grid.draw": "划网格", "grid.publish": "发布网格",
  "coverage.view": "看覆盖", "coverage.run": "算覆盖", "coverage.edit": "改覆盖标准", "facility.edit": "管设施", "plan.view": "看预案", "plan.draft": "起草预案",
  "plan.approve": "批准预案", "job.view": "看任务", "job.cancel": "取消任务", "trail.read": "看留痕",
  "data.import": "导入数据", "export.request": "申请导出", "export.approve": "批准导出",
  "user.manage": "管账号", "role.manage": "管角色", "system.manage": "管系统",
};

export const ROLES = [
  "grid_member", "unit", "duty_officer", "commander", "planner", "planning_lead",
  "auditor", "system_admin", "security_admin",
];

/** The words for a permission; one that is not known is shown as it came. */
export function permissionWords(name) {
  return _(PERMISSIONS[name] || name);
}
