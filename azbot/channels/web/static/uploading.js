// Pages whose files need nothing more than to be sent.
import { mountUploads } from "./uploads.js";

for (const root of document.querySelectorAll("[data-uploads]")) mountUploads(root);
