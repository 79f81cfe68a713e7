// Where countries are, by their two-letter codes: the middle of each in degrees of latitude and longitude, rounded.

const PLACES =
  "AD42.5,1.6 AE24,54 AF33,66 AL41,20 AM40,45 AO-12.5,18.5 AR-34,-64 AT47.3,13.3 AU-25,134 AZ40.5,47.5 BA44,18 BB13.2,-59.5 " +
  "BD24,90 BE50.8,4.5 BF13,-2 BG43,25 BH26,50.5 BI-3.5,30 BJ9.5,2.3 BN4.5,114.7 BO-17,-65 BR-10,-55 BS24,-76 BT27.5,90.5 " +
  "BW-22,24 BY53,28 BZ17.3,-88.8 CA60,-95 CD-2.5,23.5 CF7,21 CG-1,15 CH47,8 CI8,-5 CL-30,-71 CM6,12 CN35,105 CO4,-72 " +
  "CR10,-84 CU21.5,-80 CV16,-24 CY35,33 CZ49.8,15.5 DE51,9 DJ11.5,43 DK56,10 DO19,-70.7 DZ28,3 EC-2,-77.5 EE59,26 EG27,30 " +
  "ER15,39 ES40,-4 ET8,38 FI64,26 FJ-18,178 FR46,2 GA-1,11.8 GB54,-2 GE42,43.5 GH8,-2 GM13.5,-16.6 GN11,-10 GQ2,10 GR39,22 " +
  "GT15.5,-90.3 GW12,-15 GY5,-59 HK22.3,114.2 HN15,-86.5 HR45.2,15.5 HT19,-72.4 HU47,20 ID-5,120 IE53,-8 IL31.5,34.8 IN20,77 " +
  "IQ33,44 IR32,53 IS65,-18 IT42.8,12.8 JM18.3,-77.5 JO31,36 JP36,138 KE1,38 KG41,75 KH13,105 KP40,127 KR37,127.5 KW29.3,47.7 " +
  "KZ48,68 LA18,105 LB33.8,35.8 LI47.2,9.5 LK7,81 LR6.5,-9.5 LS-29.5,28.5 LT56,24 LU49.8,6.2 LV57,25 LY25,17 MA32,-5 MC43.7,7.4 " +
  "MD47,29 ME42.5,19.3 MG-20,47 MK41.8,22 ML17,-4 MM22,98 MN46,105 MO22.2,113.6 MR20,-12 MT35.9,14.4 MU-20.3,57.6 MV3.2,73 " +
  "MW-13.5,34 MX23,-102 MY2.5,112.5 MZ-18.3,35 NA-22,17 NE16,8 NG10,8 NI13,-85 NL52.5,5.8 NO62,10 NP28,84 NZ-41,174 OM21,57 " +
  "PA9,-80 PE-10,-76 PG-6,147 PH13,122 PK30,70 PL52,20 PR18.2,-66.5 PS32,35.3 PT39.5,-8 PY-23,-58 QA25.5,51.3 RO46,25 RS44,21 " +
  "RU60,100 RW-2,30 SA25,45 SC-4.6,55.7 SD15,30 SE62,15 SG1.4,103.8 SI46.1,14.8 SK48.7,19.5 SL8.5,-11.5 SM43.9,12.4 SN14,-14 " +
  "SO6,48 SR4,-56 SS7,30 SV13.8,-88.9 SY35,38 SZ-26.5,31.5 TD15,19 TG8,1.2 TH15,100 TJ39,71 TL-8.8,125.7 TM40,60 TN34,9 TR39,35 " +
  "TT11,-61 TW23.5,121 TZ-6,35 UA49,32 UG1,32 US38,-97 UY-33,-56 UZ41,64 VE8,-66 VN16,106 XK42.6,20.9 YE15,48 ZA-29,24 ZM-15,30 ZW-20,30";

/** What other sources call some of them. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  "united states of america": "US",
  usa: "US",
  "great britain": "GB",
  uk: "GB",
  "russian federation": "RU",
  "korea, republic of": "KR",
  "republic of korea": "KR",
  "viet nam": "VN",
  "iran, islamic republic of": "IR",
  "czech republic": "CZ",
  turkey: "TR",
  "hong kong": "HK",
  "ivory coast": "CI",
};

export interface Position {
  readonly latitude: number;
  readonly longitude: number;
}

let known: ReadonlyMap<string, Position> | undefined;

/** Where a country is, by its code or its English name, in any casing. */
export function countryPosition(name: string): Position | undefined {
  known ??= read();
  return known.get(name.trim().toLowerCase());
}

function read(): ReadonlyMap<string, Position> {
  const names = new Intl.DisplayNames("en", { type: "region" });
  const found = new Map<string, Position>();
  for (const each of PLACES.split(" ")) {
    const code = each.slice(0, 2);
    const [latitude = 0, longitude = 0] = each.slice(2).split(",").map(Number);
    found.set(code.toLowerCase(), { latitude, longitude });
    found.set((names.of(code) ?? code).toLowerCase(), { latitude, longitude });
  }
  for (const [name, code] of Object.entries(OTHER_NAMES)) {
    const position = found.get(code.toLowerCase());
    if (position) found.set(name, position);
  }
  return found;
}
