"""The unifying parsers of the Advanced Security Information Model, which every workspace has: `_Im_Dns` and its like.

They give the events that are stored normalized already, in the tables `ASim…Logs`, with the aliases of the schema,
through the filtering parameters that the schema page lists. Parsers of single sources are for users to save; a saved
function of one of these names takes its place.
https://learn.microsoft.com/azure/sentinel/normalization-about-parsers
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from vedette.kql.catalog import StoredFunction

_TIME = "starttime:datetime=datetime(null), endtime:datetime=datetime(null)"
_DEFAULTS = {"string": "'*'", "int": "int(null)", "dynamic": "dynamic([])"}
_TESTS = {
    "is": ("string", "{name} == '*' or {column} =~ {name}"),
    "has": ("string", "{name} == '*' or {column} has {name}"),
    "equals": ("int", "isnull({name}) or {column} == {name}"),
    "in": ("dynamic", "array_length({name}) == 0 or {column} in~ ({name})"),
    "has_any": ("dynamic", "array_length({name}) == 0 or {column} has_any ({name})"),
    "has_all": ("dynamic", "array_length({name}) == 0 or {column} has_all ({name})"),
    "prefix": ("dynamic", "array_length({name}) == 0 or has_any_ipv4_prefix({column}, {name})"),
}
"""Ways to filter: the type of the parameter, and the condition on a column."""


@dataclass(frozen=True, slots=True)
class _Schema:
    """One schema. `names` are those of its parsers, without prefix; `filters` are lines of a parameter, a way to filter
    and the columns to look into, in the order of the parameters; `aliases` are columns that stand for others."""

    table: str
    names: tuple[str, ...]
    filters: str
    aliases: str
    where: str = "true"


_DEVICE = "Dvc=coalesce(DvcFQDN, DvcHostname, DvcIpAddr, DvcId), Rule=coalesce(RuleName, tostring(RuleNumber))"
_SOURCE = "Src=coalesce(SrcFQDN, SrcHostname, SrcIpAddr), IpAddr=SrcIpAddr"
_ACTOR = "User=ActorUsername"
_PROCESS_FILTERS = """
    commandline_has_any has_any TargetProcessCommandLine
    commandline_has_all has_all TargetProcessCommandLine
    commandline_has_any_ip_prefix prefix TargetProcessCommandLine
    actingprocess_has_any has_any ActingProcessName
    targetprocess_has_any has_any TargetProcessName
    parentprocess_has_any has_any ParentProcessName
    targetusername_has has TargetUsername
    actorusername_has has ActorUsername
    dvcipaddr_has_any_prefix prefix DvcIpAddr
    dvchostname_has_any has_any DvcHostname
    eventtype is EventType
    hashes_has_any has_any TargetProcessMD5 TargetProcessSHA1 TargetProcessSHA256 TargetProcessSHA512"""
_PROCESS_ALIASES = f"{_DEVICE}, User=TargetUsername, Process=TargetProcessName, CommandLine=TargetProcessCommandLine"

_SCHEMAS = (
    _Schema(
        "ASimAlertEventLogs",
        ("AlertEvent",),
        """
        ipaddr_has_any_prefix prefix DvcIpAddr
        hostname_has_any has_any DvcHostname
        username_has_any has_any Username
        attacktactics_has_any has_any AttackTactics
        attacktechniques_has_any has_any AttackTechniques
        threatcategory_has_any has_any ThreatCategory
        alertverdict_has_any has_any AlertVerdict
        eventseverity_has_any has_any EventSeverity""",
        "Dvc=coalesce(DvcFQDN, DvcHostname, DvcIpAddr, DvcId), IpAddr=DvcIpAddr, Hostname=DvcHostname",
    ),
    _Schema(
        "ASimAuditEventLogs",
        ("AuditEvent",),
        """
        srcipaddr_has_any_prefix prefix SrcIpAddr
        actorusername_has_any has_any ActorUsername
        operation_has_any has_any Operation
        eventtype_in in EventType
        eventresult is EventResult
        object_has_any has_any Object
        newvalue_has_any has_any NewValue""",
        f"{_DEVICE}, {_SOURCE}, {_ACTOR}, Value=NewValue, Application=TargetAppName",
    ),
    _Schema(
        "ASimAuthenticationEventLogs",
        ("Authentication",),
        """
        username_has_any has_any ActorUsername TargetUsername
        targetappname_has_any has_any TargetAppName
        srcipaddr_has_any_prefix prefix SrcIpAddr
        srchostname_has_any has_any SrcHostname
        eventtype_in in EventType
        eventresultdetails_in in EventResultDetails
        eventresult is EventResult
        targetusername_has has TargetUsername""",
        f"{_DEVICE}, {_SOURCE}, User=TargetUsername, LogonTarget=coalesce(TargetAppName, TargetUrl, TargetHostname), "
        "Dst=coalesce(TargetFQDN, TargetHostname, TargetIpAddr), Application=TargetAppName",
    ),
    _Schema(
        "ASimDhcpEventLogs",
        ("DhcpEvent",),
        """
        srcipaddr_has_any_prefix prefix SrcIpAddr
        srchostname_has_any has_any SrcHostname
        srcusername_has_any has_any SrcUsername
        eventresult is EventResult""",
        f"{_DEVICE}, {_SOURCE}, User=SrcUsername, Hostname=SrcHostname, SessionId=DhcpSessionId, "
        "Duration=DhcpSessionDuration",
    ),
    _Schema(
        "ASimDnsActivityLogs",
        ("Dns",),
        """
        srcipaddr is SrcIpAddr
        domain_has_any has_any DnsQuery
        responsecodename is EventResultDetails
        response_has_ipv4 has DnsResponseName
        response_has_any_prefix prefix DnsResponseName
        eventtype is EventType""",
        "DnsResponseCodeName=EventResultDetails, ResponseCodeName=EventResultDetails, Domain=DnsQuery, Query=DnsQuery, "
        "QueryType=DnsQueryType, QueryTypeName=DnsQueryTypeName, ResponseName=DnsResponseName, IpAddr=SrcIpAddr, "
        "Hostname=SrcHostname, User=SrcUsername, Process=SrcProcessName, Duration=DnsNetworkDuration, "
        "DomainCategory=UrlCategory, SessionId=DnsSessionId, Rule=coalesce(RuleName, tostring(RuleNumber))",
    ),
    _Schema(
        "ASimFileEventLogs",
        ("FileEvent",),
        """
        eventtype_in in EventType
        srcipaddr_has_any_prefix prefix SrcIpAddr
        actorusername_has_any has_any ActorUsername
        targetfilepath_has_any has_any TargetFilePath
        srcfilepath_has_any has_any SrcFilePath
        hashes_has_any has_any TargetFileMD5 TargetFileSHA1 TargetFileSHA256 TargetFileSHA512
        dvchostname_has_any has_any DvcHostname""",
        f"{_DEVICE}, {_SOURCE}, {_ACTOR}, FileName=TargetFileName, FilePath=TargetFilePath, Url=TargetUrl, "
        "Process=ActingProcessName, CommandLine=ActingProcessCommandLine, Application=TargetAppName, "
        "Hash=coalesce(TargetFileSHA256, TargetFileSHA1, TargetFileMD5, TargetFileSHA512)",
    ),
    _Schema(
        "ASimNetworkSessionLogs",
        ("NetworkSession",),
        """
        srcipaddr_has_any_prefix prefix SrcIpAddr
        dstipaddr_has_any_prefix prefix DstIpAddr
        ipaddr_has_any_prefix prefix SrcIpAddr DstIpAddr
        dstportnumber equals DstPortNumber
        hostname_has_any has_any SrcHostname DstHostname
        dvcaction in DvcAction
        eventresult is EventResult""",
        "Dvc=coalesce(DvcFQDN, DvcHostname, DvcIpAddr, DvcId), IpAddr=SrcIpAddr, Hostname=DstHostname, "
        "Src=coalesce(SrcFQDN, SrcHostname, SrcIpAddr), Dst=coalesce(DstFQDN, DstHostname, DstIpAddr), "
        "User=DstUsername, Duration=NetworkDuration, SessionId=NetworkSessionId, "
        "Rule=coalesce(NetworkRuleName, tostring(NetworkRuleNumber))",
    ),
    _Schema("ASimProcessEventLogs", ("ProcessEvent", "Process"), _PROCESS_FILTERS, _PROCESS_ALIASES),
    _Schema(
        "ASimProcessEventLogs",
        ("ProcessCreate",),
        _PROCESS_FILTERS,
        _PROCESS_ALIASES,
        "EventType == 'ProcessCreated'",
    ),
    _Schema(
        "ASimProcessEventLogs",
        ("ProcessTerminate",),
        _PROCESS_FILTERS,
        _PROCESS_ALIASES,
        "EventType == 'ProcessTerminated'",
    ),
    _Schema(
        "ASimRegistryEventLogs",
        ("RegistryEvent", "Registry"),
        """
        eventtype_in in EventType
        actorusername_has_any has_any ActorUsername
        registrykey_has_any has_any RegistryKey
        registryvalue_has_any has_any RegistryValue
        registryvaluedata_has_any has_any RegistryValueData
        dvchostname_has_any has_any DvcHostname""",
        f"{_DEVICE}, {_ACTOR}, Process=ActingProcessName, Username=ActorUsername",
    ),
    _Schema(
        "ASimUserManagementActivityLogs",
        ("UserManagement",),
        """
        srcipaddr_has_any_prefix prefix SrcIpAddr
        targetusername_has_any has_any TargetUsername
        actorusername_has_any has_any ActorUsername
        eventtype_in in EventType""",
        f"{_DEVICE}, {_SOURCE}, {_ACTOR}, Hostname=SrcHostname, UpdatedPropertyName=EventSubType",
    ),
    _Schema(
        "ASimWebSessionLogs",
        ("WebSession",),
        """
        srcipaddr_has_any_prefix prefix SrcIpAddr
        ipaddr_has_any_prefix prefix SrcIpAddr DstIpAddr
        url_has_any has_any Url
        httpuseragent_has_any has_any HttpUserAgent
        eventresultdetails_in in EventResultDetails
        eventresult is EventResult""",
        "UserAgent=HttpUserAgent, HttpStatusCode=EventResultDetails, IpAddr=SrcIpAddr, Hostname=DstHostname, "
        "User=SrcUsername, Src=coalesce(SrcFQDN, SrcHostname, SrcIpAddr), "
        "Dst=coalesce(DstFQDN, DstHostname, DstIpAddr), Duration=NetworkDuration, SessionId=NetworkSessionId, "
        "Hash=coalesce(FileSHA256, FileSHA1, FileMD5, FileSHA512)",
    ),
)


@cache
def asim_functions() -> Mapping[str, StoredFunction]:
    """The unifying parsers by name: `_Im_Dns`, `imDns` with filtering parameters, `_ASim_Dns`, `ASimDns` without."""
    return {function.name: function for schema in _SCHEMAS for function in _functions(schema)}


def _functions(schema: _Schema) -> Iterator[StoredFunction]:
    filters = [line.split() for line in schema.filters.strip().splitlines()]
    parameters = ", ".join((_TIME, *(_parameter(name, way) for name, way, *_ in filters), "pack:bool=false"))
    conditions = [
        schema.where,
        "isnull(starttime) or TimeGenerated >= starttime",
        "isnull(endtime) or TimeGenerated <= endtime",
        *(_condition(name, way, columns) for name, way, *columns in filters),
    ]
    wheres = "\n".join(f"| where {condition}" for condition in conditions)
    extend = f"| extend {schema.aliases}"
    for name in schema.names:
        for filtering, plain in ((f"_Im_{name}", f"_ASim_{name}"), (f"im{name}", f"ASim{name}")):
            yield StoredFunction(filtering, parameters, f"{schema.table}\n{wheres}\n{extend}")
            yield StoredFunction(plain, "pack:bool=false", f"{schema.table}\n| where {schema.where}\n{extend}")


def _parameter(name: str, way: str) -> str:
    type, _ = _TESTS[way]
    return f"{name}:{type}={_DEFAULTS[type]}"


def _condition(name: str, way: str, columns: list[str]) -> str:
    return " or ".join(_TESTS[way][1].format(name=name, column=column) for column in columns)
