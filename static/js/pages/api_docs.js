// The API's description, read with the viewer that stands in static/vendor.
import "./common.js";
import { csrfToken } from "../core/page.js";

const { SwaggerUIBundle } = globalThis;

SwaggerUIBundle({
  url: "/api/openapi.json",
  dom_id: "#api",
  deepLinking: false,
  docExpansion: "none",
  validatorUrl: null, // The viewer would ask a host of its own.
  requestInterceptor: (request) => {
    request.headers["X-CSRFToken"] = csrfToken();
    return request;
  },
});
