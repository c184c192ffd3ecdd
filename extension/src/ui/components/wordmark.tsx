/** The slip and the name. */
import mark from "../icons/chit-96.png";

export function Wordmark() {
  return (
    <>
      <img src={mark} alt="" width="20" height="20" />
      <span>Chit</span>
    </>
  );
}
