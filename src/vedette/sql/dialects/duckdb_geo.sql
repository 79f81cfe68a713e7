-- Macros behind the functions on places: longitude and latitude in degrees on a sphere of the Earth's size.

-- Whether the two are a place on Earth; null and NaN are not.
CREATE OR REPLACE MACRO kql_geo_is_place(lng, lat) AS
    coalesce(abs(lng) <= 180 AND abs(lat) <= 90, FALSE);

-- The angle between two places as seen from the middle of the Earth.
CREATE OR REPLACE MACRO kql_geo_arc(lng1, lat1, lng2, lat2) AS
    2 * asin(least(1, sqrt(
        sin(radians(lat2 - lat1) / 2) ** 2
        + cos(radians(lat1)) * cos(radians(lat2)) * sin(radians(lng2 - lng1) / 2) ** 2
    )));

CREATE OR REPLACE MACRO kql_geo_distance(lng1, lat1, lng2, lat2) AS
    CASE WHEN kql_geo_is_place(lng1, lat1) AND kql_geo_is_place(lng2, lat2) THEN
        6371010 * kql_geo_arc(lng1, lat1, lng2, lat2)
    END;

CREATE OR REPLACE MACRO kql_geo_in_circle(lng, lat, center_lng, center_lat, radius) AS
    CASE WHEN radius > 0 AND isfinite(radius) THEN kql_geo_distance(lng, lat, center_lng, center_lat) <= radius END;

-- The same angle from 0 up to a full turn, in radians.
CREATE OR REPLACE MACRO kql_geo_turn(angle) AS
    CASE WHEN angle < 0 THEN angle + 2 * pi() ELSE angle END;

-- The direction at the first place toward the second, from the north clockwise; null where every or no direction is.
CREATE OR REPLACE MACRO kql_geo_azimuth(lng1, lat1, lng2, lat2) AS
    CASE
        WHEN kql_geo_is_place(lng1, lat1) AND kql_geo_is_place(lng2, lat2)
            AND kql_geo_arc(lng1, lat1, lng2, lat2) BETWEEN 1e-15 AND pi() - 1e-15
        THEN kql_geo_turn(atan2(
            sin(radians(lng2 - lng1)) * cos(radians(lat2)),
            cos(radians(lat1)) * sin(radians(lat2))
            - sin(radians(lat1)) * cos(radians(lat2)) * cos(radians(lng2 - lng1))
        ))
    END;

-- The angle at the second place from the line to the first clockwise to the line to the third.
CREATE OR REPLACE MACRO kql_geo_angle(lng1, lat1, lng2, lat2, lng3, lat3) AS
    kql_geo_turn(kql_geo_azimuth(lng2, lat2, lng3, lat3) - kql_geo_azimuth(lng2, lat2, lng1, lat1));

-- GeoJSON text as a value; nothing is null.
CREATE OR REPLACE MACRO kql_geo_shape(x) AS CAST(CAST(x AS JSON) AS VARIANT);
