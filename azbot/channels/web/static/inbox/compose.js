// The page of a composer alone.
import { mount } from "./composer.js";

mount(document.querySelector(".composer"));
