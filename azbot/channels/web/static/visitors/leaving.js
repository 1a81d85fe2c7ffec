/* At the door nobody is signed in: pages of missions that were kept for whoever was go. */

import { forgetPages } from "../missions/form/offline.js";

forgetPages();
