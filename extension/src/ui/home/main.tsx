/** The wallet's home: the toolbar's popup (`?view=popup`) and a tab. Screens by fragment, see `router.ts`. */
import { start } from "../start.tsx";
import { HomeApp } from "./app.tsx";
import "../styles/home.css";
import "../styles/statement.css";

const popup = new URLSearchParams(location.search).get("view") === "popup";
document.documentElement.dataset.view = popup ? "popup" : "tab";

start(<HomeApp popup={popup} />);
