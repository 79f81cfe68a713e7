"""The row that a Windows event becomes: of SecurityEvent for the channel Security, of Event for every other."""

from collections.abc import Mapping
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from vedette.formats.rows import Row, TableRow, whole_number
from vedette.formats.windows_activities import ACTIVITIES, LOGON_TYPES
from vedette.formats.windows_event import AUDIT_FAILURE, AUDIT_SUCCESS, LEVEL_NAMES, WindowsEvent, number, small

SECURITY_EVENT: Final = "SecurityEvent"
EVENT: Final = "Event"

_NAMESPACE = "http://schemas.microsoft.com/win/2004/08/events/event"
_EVENT_LEVEL_NAMES = LEVEL_NAMES | {0: "Information"}
_EVENT_TYPES = {0: 4, 1: 1, 2: 1, 3: 2, 4: 4, 5: 5}
"""EventLevel by the level of the event: the column goes by the event types of old, 1 an error, 2 a warning."""

_TARGET_IS_ACCOUNT = frozenset({4624, 4625, 4634, 4647, 4649, 4675, *range(4768, 4780), *range(4800, 4804), 4964})
"""Events about the account that is the target: who logs on; in all others the subject is the one who acts."""

_TEXT_NAMES = """
    AccessList AccessMask AccountDomain AccountExpires AccountName AccountSessionIdentifier AdditionalInfo
    AdditionalInfo2 AllowedToDelegateTo Attributes AuditPolicyChanges AuthenticationPackageName AuthenticationProvider
    AuthenticationServer AuthenticationType CACertificateHash CAPublicKeyHash CalledStationID CallerProcessId
    CallerProcessName CallingStationID CategoryId CertificateDatabaseHash ClassId ClassName ClientAddress
    ClientIPAddress ClientName CommandLine CompatibleIds DCDNSName DeviceDescription DeviceId DisplayName Disposition
    DomainBehaviorVersion DomainName DomainPolicyChanged DomainSid EAPType ElevatedToken ExtendedQuarantineState
    FailureReason FileHash FilePath FilePathNoUser Filter ForceLogoff Fqbn FullyQualifiedSubjectMachineName
    FullyQualifiedSubjectUserName GroupMembership HandleId HardwareIds HomeDirectory HomePath InterfaceUuid IpAddress
    IpPort LmPackageName LocationInformation LockoutDuration LockoutObservationWindow LockoutThreshold LoggingResult
    LogonGuid LogonHours LogonID LogonProcessName MachineAccountQuota MachineInventory MachineLogon MandatoryLabel
    MaxPasswordAge MemberName MemberSid MinPasswordAge MinPasswordLength MixedDomainMode NASIPv4Address NASIPv6Address
    NASIdentifier NASPort NASPortType NetworkPolicyName NewDate NewMaxUsers NewProcessId NewProcessName NewRemark
    NewShareFlags NewTime NewUacValue NewValue NewValueType ObjectName ObjectServer ObjectType ObjectValueName
    OemInformation OldMaxUsers OldRemark OldShareFlags OldUacValue OldValue OldValueType OperationType PackageName
    ParentProcessName PasswordHistoryLength PasswordLastSet PasswordProperties PreviousDate PreviousTime
    PrimaryGroupId PrivateKeyUsageCount PrivilegeList ProcessId ProcessName ProfilePath Properties ProtocolSequence
    ProxyPolicyName QuarantineHelpURL QuarantineSessionID QuarantineSessionIdentifier QuarantineState
    QuarantineSystemHealthResult RelativeTargetName RemoteIpAddress RemotePort RequestId Requester RestrictedAdminMode
    RowsDeleted SamAccountName ScriptPath SecurityDescriptor ServiceAccount ServiceFileName ServiceName ServiceType
    SessionName ShareLocalPath ShareName SidHistory Status SubStatus SubcategoryGuid SubcategoryId Subject
    SubjectDomainName SubjectKeyIdentifier SubjectLogonId SubjectMachineName SubjectMachineSID SubjectUserName
    SubjectUserSid TableId TargetDomainName TargetInfo TargetLinkedLogonId TargetLogonGuid TargetLogonId
    TargetOutboundDomainName TargetOutboundUserName TargetServerName TargetSid TargetUser TargetUserName TargetUserSid
    TemplateContent TemplateDSObjectFQDN TemplateInternalName TemplateOID TemplateSchemaVersion TemplateVersion
    TokenElevationType TransmittedServices UserAccountControl UserParameters UserPrincipalName UserWorkstations
    VendorIds VirtualAccount Workstation WorkstationName
"""
_TEXTS = frozenset(_TEXT_NAMES.split())
_NUMBERS = frozenset(
    {
        "AuditsDiscarded", "AuthenticationLevel", "AuthenticationService", "ErrorCode", "KeyLength", "LogonType",
        "ServiceStartType",
    }
)  # fmt: skip


def windows_row(event: WindowsEvent) -> TableRow:
    """The row of the event."""
    if event.channel.lower() == "security":
        return TableRow(SECURITY_EVENT, _said(_security_event(event)))
    return TableRow(EVENT, _said(_event(event)))


def _said(row: Mapping[str, Any]) -> Row:
    return {column: value for column, value in row.items() if value is not None and value != ""}


def _security_event(event: WindowsEvent) -> Row:
    columns, has_all = _columns(event)
    subject = _account(columns.get("SubjectDomainName"), columns.get("SubjectUserName"))
    target = _account(columns.get("TargetDomainName"), columns.get("TargetUserName"))
    account = (target or subject) if event.event_id in _TARGET_IS_ACCOUNT else (subject or target)
    activity, logon_type = ACTIVITIES.get(event.event_id), columns.get("LogonType")
    return columns | {
        "TimeGenerated": event.time,
        "SourceSystem": "OpsManager",
        "EventSourceName": event.provider,
        "Channel": event.channel,
        "Computer": event.computer,
        "EventID": event.event_id,
        "Activity": None if activity is None else f"{event.event_id} - {activity}",
        "EventRecordId": event.record_id,
        "Correlation": event.activity_id,
        "Task": event.task,
        "Level": _audit_level(event),
        "EventLevelName": None if event.level is None else LEVEL_NAMES.get(event.level),
        "Keywords": None if event.keywords is None else f"0x{event.keywords:x}",
        "Opcode": None if event.opcode is None else str(event.opcode),
        "Version": event.version,
        "SystemProcessId": event.process_id,
        "SystemThreadId": event.thread_id,
        "SystemUserId": event.user_id,
        "SubjectAccount": subject,
        "TargetAccount": target,
        "Account": account or event.user_name,
        "AccountType": _account_type(account),
        "LogonTypeName": f"{logon_type} - {LOGON_TYPES[logon_type]}" if logon_type in LOGON_TYPES else None,
        "Process": _base_name(columns.get("NewProcessName") or columns.get("ProcessName") or ""),
        "EventData": None if has_all else _event_data(event),
    }


def _columns(event: WindowsEvent) -> tuple[Row, bool]:
    """The data that have columns of their own, and whether all do."""
    columns: Row = {}
    has_all = True
    for name, value in event.data:
        typed = _typed(name, value)
        if typed is None:
            has_all = has_all and not value
        else:
            columns[name] = typed
    return columns, has_all


def _typed(name: str, value: str) -> Any:
    if name in _NUMBERS:
        return small(number(value)) if value[:2].lower() == "0x" else whole_number(value)
    return value if name in _TEXTS else None


def _account(domain: Any, name: Any) -> str:
    if not name or name == "-":
        return ""
    return f"{domain}\\{name}" if domain and domain != "-" else str(name)


def _account_type(account: str) -> str:
    if not account:
        return ""
    return "Machine" if account.endswith("$") else "User"


def _audit_level(event: WindowsEvent) -> str | None:
    """8 for an audited success and 16 for an audited failure, as the table has it."""
    if event.keywords is not None and event.keywords & AUDIT_FAILURE:
        return "16"
    if event.keywords is not None and event.keywords & AUDIT_SUCCESS:
        return "8"
    return None if event.level is None else str(event.level)


def _base_name(path: str) -> str:
    return path.rpartition("\\")[2].rpartition("/")[2]


def _event(event: WindowsEvent) -> Row:
    time = "" if event.time is None else f" time={quoteattr(event.time.isoformat())}"
    return {
        "TimeGenerated": event.time,
        "SourceSystem": "OpsManager",
        "Source": event.provider,
        "EventLog": event.channel,
        "Computer": event.computer,
        "EventID": event.event_id,
        "EventLevel": None if event.level is None else _EVENT_TYPES.get(event.level, event.level),
        "EventLevelName": None if event.level is None else _EVENT_LEVEL_NAMES.get(event.level),
        "EventCategory": event.task,
        "UserName": event.user_name or event.user_id,
        "RenderedDescription": event.message,
        "ParameterXml": "".join(f"<Param>{escape(value)}</Param>" for _, value in event.data),
        "EventData": f'<DataItem type="System.XmlData"{time}>{_event_data(event)}</DataItem>' if event.data else "",
    }


def _event_data(event: WindowsEvent) -> str:
    """The data as Windows writes them."""
    values = "".join(
        f"<Data Name={quoteattr(name)}>{escape(value)}</Data>" if name else f"<Data>{escape(value)}</Data>"
        for name, value in event.data
    )
    return f'<EventData xmlns="{_NAMESPACE}">{values}</EventData>'
