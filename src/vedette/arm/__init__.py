"""The resource machine: paths, versions, ETags, paging, errors; knows no resource."""
