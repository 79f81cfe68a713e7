"""The functions that only transformations have, written in KQL.

https://learn.microsoft.com/azure/azure-monitor/data-collection/data-collection-transformations-kql#special-functions
"""

from collections.abc import Mapping
from typing import Final

from vedette.kql.catalog import StoredFunction

# A CEF message is `CEF:version|vendor|product|device version|class|name|severity|extension`, with `\|` and `\\` in the
# header and `\=`, `\\`, `\n` and `\r` in the extension, whose values run until the next ` key=`. The characters \x02 to
# \x07 stand for what was escaped and for the two ends of a key while the pairs are written as JSON.
_PARSE_CEF = r"""
let escaped = replace_string(replace_string(replace_string(replace_string(replace_string(replace_string(replace_regex(
    message, @'[\x00-\x1f]', ' '), @'\\', '\x02'), @'\=', '\x03'), @'\|', '\x04'), @'\n', '\x05'), @'\r', '\x06'),
    @'\', '\x02');
let header = extract_all(@'CEF:\s*([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|', escaped)[0];
let extension = extract(@'CEF:(?:[^|]*\|){7}(.*)$', 1, escaped);
let pairs = replace_regex(replace_regex(strcat(' ', trim_end(@'\s+', extension)),
    @'\s+([A-Za-z0-9_.\-]+(?:\[[0-9]+\])?)=', '\x01\\1\x07'), '^[^\x01]*', '');
let quoted = replace_string(replace_string(pairs, '\x02', @'\\'), '"', @'\"');
let plain = replace_string(replace_string(replace_string(replace_string(quoted,
    '\x03', '='), '\x04', '|'), '\x05', @'\n'), '\x06', @'\r');
let bag = strcat('{', trim_end(',', replace_regex(plain, '\x01([^\x07]+)\x07([^\x01]*)', '"\\1":"\\2",')), '}');
let text = (part: string) { replace_string(replace_string(replace_string(replace_string(replace_string(
    part, '\x02', @'\'), '\x03', @'\='), '\x04', '|'), '\x05', @'\n'), '\x06', @'\r') };
iff(isnull(header), dynamic(null), bag_pack(
    'Version', text(tostring(header[0])), 'DeviceVendor', text(tostring(header[1])),
    'DeviceProduct', text(tostring(header[2])), 'DeviceVersion', text(tostring(header[3])),
    'DeviceEventClassId', text(tostring(header[4])), 'Name', text(tostring(header[5])),
    'Severity', text(tostring(header[6])), 'Extension', parse_json(bag)))
"""

_GEO_LOCATION = """
let place = geo_info_from_ip_address(address);
iff(isnull(place), dynamic(null), bag_pack(
    'Country', place.country, 'Region', place.country, 'State', place.state, 'City', place.city,
    'Latitude', place.latitude, 'Longitude', place.longitude))
"""

FUNCTIONS: Final[Mapping[str, StoredFunction]] = {
    "parse_cef_dictionary": StoredFunction("parse_cef_dictionary", "message: string", _PARSE_CEF),
    "geo_location": StoredFunction("geo_location", "address: string", _GEO_LOCATION),
}
