/** Small drawings, one line thick. Always beside words: they are hidden from screen readers. */
const PATHS = {
  alert:
    "M12 8v5m0 3.500v.01M10.300 3.900 2.400 17.500A2 2 0 0 0 4.100 20.500h15.800a2 2 0 0 0 1.700-3L13.700 3.900a2 2 0 0 0-3.400 0Z",
  check: "m5 12.500 4.500 4.500L19 7.500",
  info: "M12 11v5.500M12 7.500v.01M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0Z",
  phone:
    "M5 3.500h3.500l2 5-2.500 1.700a12 12 0 0 0 5.800 5.800l1.700-2.500 5 2V19a2 2 0 0 1-2.200 2A16.500 16.500 0 0 1 3 5.700 2 2 0 0 1 5 3.500Z",
  eye: "M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12Zm12.300 0a2.800 2.800 0 1 1-5.600 0 2.800 2.800 0 0 1 5.600 0Z",
  "eye-off":
    "m4 4 16 16M9.900 5.800A9.500 9.500 0 0 1 12 5.500c6 0 9.500 6.500 9.500 6.500a17 17 0 0 1-2.900 3.600m-3.800 2.400a9 9 0 0 1-2.800.5C6 18.500 2.500 12 2.500 12a17 17 0 0 1 4-4.500",
  home: "M4 11v9h5.500v-6h5v6H20v-9m-17 1 9-8.500 9 8.500",
  list: "M6 3.500h12v17l-3-2-3 2-3-2-3 2Zm3.500 5h5m-5 4h5",
  pin: "M12 21s7-6.200 7-11.500a7 7 0 0 0-14 0C5 14.800 12 21 12 21Zm2.500-11.500a2.500 2.500 0 1 1-5 0 2.500 2.500 0 0 1 5 0Z",
  settings: "M4 7h9m5 0h2M4 17h2m5 0h9m-4.500-7.500v-5m-7 15v-5",
  plus: "M12 5v14M5 12h14",
  refresh: "M20 5v5h-5M4 19v-5h5m10.500-4A8 8 0 0 0 5.600 7.200M4.500 14a8 8 0 0 0 13.900 2.800",
  download: "M12 4v11m-4.500-4.500L12 15l4.500-4.500M4.500 19.500h15",
  open: "M13.500 4.500h6v6m0-6-9 9M18 14v5.500H4.500V6H10",
  truck:
    "M2.500 6h11v11h-11Zm11 4h4l3.500 3.500V17h-7.500M9 18a2 2 0 1 1-4 0 2 2 0 0 1 4 0Zm10 0a2 2 0 1 1-4 0 2 2 0 0 1 4 0Z",
  clock: "M12 7v5l3.500 2M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0Z",
  back: "M14.500 5.500 8 12l6.500 6.500",
  search: "m20 20-4.500-4.500m2-5a7 7 0 1 1-14 0 7 7 0 0 1 14 0Z",
  file: "M6 3.500h8l4.500 4.500v12.500H6Zm7.500 0V8.500h5",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg
      class="icon"
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
