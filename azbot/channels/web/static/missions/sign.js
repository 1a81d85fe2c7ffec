/* Signing from afar: one press, one signature; a wrong answer takes the focus. */

import { sendOnce } from "./sending.js";

sendOnce(document);
document.querySelector("#why")?.focus();
