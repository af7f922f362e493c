"""What the pictures of the help pages do and read in the browser."""

REPORT = """async ([id, title]) => {
  const homes = await (await fetch("/api/households?limit=1")).json();
  const answer = await fetch("/api/incidents", {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content,
    },
    body: JSON.stringify({
      id, category: "waterlogging", title, level: 3,
      geometry: homes.features[0].geometry,
    }),
  });
  return answer.status;
}"""
ORDERED = """async () => {
  const read = async (address) => (await fetch(address)).json();
  const plans = await read("/api/plans");
  const active = plans.find((plan) => plan.state === "active");
  if (active) return active.id;
  const { id } = plans.find((plan) => ["drafted", "approved"].includes(plan.state));
  for (const step of ["approve", "activate"]) {
    const { revision, check } = await read(`/api/plans/${id}`);
    await fetch(`/api/plans/${id}/${step}`, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        "If-Match": `"${revision}"`,
        "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content,
      },
      body: JSON.stringify(step === "approve" ? { check } : {}),
    });
  }
  return id;
}"""
WORDS_SHOWN = """() => [...document.querySelectorAll(
    "button, a, summary, label, h1, h2, h3, input, [role=tab], .steps li")]
  .filter((node) => node.checkVisibility({ visibilityProperty: true }))
  .flatMap((node) => [node.innerText, node.getAttribute("aria-label"), node.placeholder])
  .filter(Boolean).map((words) => words.replace(/\\s+/g, " ").trim())"""
