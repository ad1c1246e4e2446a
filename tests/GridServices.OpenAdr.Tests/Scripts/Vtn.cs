using GridServices.OpenAdr.Messages;
using GridServices.Wire;
using NodaTime;
using NodaTime.Text;

namespace GridServices.OpenAdr.Tests.Scripts;

/// <summary>What a VTN says, in few words. Times are UTC of 2027-01-15, durations ISO 8601.</summary>
internal static class Vtn
{
    public const string Id = "vtn-test";
    public const string VenId = "ven-under-test";

    public static OadrResponse Nothing { get; } = new(EiResponse.Ok(string.Empty), VenId);

    public static Instant Time(string clock) => InstantPattern.General.Parse(
        clock.Contains('T', StringComparison.Ordinal) ? clock : $"2027-01-15T{(clock.Length == 5 ? clock + ":00" : clock)}Z").GetValueOrThrow();

    public static Period For(string iso) => PeriodPattern.Roundtrip.Parse(iso).GetValueOrThrow();

    public static OadrResponse Refuses(int code) => new(new EiResponse(code, "no", string.Empty), VenId);

    public static OadrCreatedPartyRegistration Registers(
        string requestId, string registrationId = "reg-1", string venId = VenId, string vtnId = Id, string? poll = "PT10S", int code = 200) => new()
        {
            Response = new EiResponse(code, "x", requestId),
            RegistrationId = registrationId,
            VenId = venId,
            VtnId = vtnId,
            Profiles = [new ProfileOffer(OadrProfileName.Profile20b, [OadrTransportName.SimpleHttp])],
            RequestedPollFrequency = poll is null ? null : For(poll),
        };

    public static OadrCreatedPartyRegistration Offers(string requestId) => new()
    {
        Response = EiResponse.Ok(requestId),
        VtnId = Id,
        Profiles = [new ProfileOffer(OadrProfileName.Profile20b, [OadrTransportName.SimpleHttp])],
    };

    public static OadrDistributeEvent Distributes(params OadrEvent[] events) => DistributesAs("dist-1", events);

    public static OadrDistributeEvent DistributesAs(string requestId, params OadrEvent[] events) =>
        new() { RequestId = requestId, VtnId = Id, Events = events.Select(e => (Readable<OadrEvent>)e).ToValueList() };

    public static OadrEvent Event(string id, string from, string duration, params EventSignal[] signals) => new()
    {
        Descriptor = new EventDescriptor
        {
            EventId = id,
            ModificationNumber = 0,
            Priority = 1,
            MarketContext = Configs.MarketContext,
            CreatedDateTime = Time("17:00"),
            Status = EventStatus.Far,
        },
        ActivePeriod = new CalendarInterval { Start = Time(from), Duration = For(duration) },
        Signals = signals.ToValueList(),
        Target = new EiTarget { VenIds = [VenId] },
        ResponseRequired = ResponseRequired.Always,
    };

    public static EventSignal Simple(params (string Duration, double Level)[] steps) => Signal(SignalNames.Simple, SignalType.Level, steps);

    public static EventSignal Signal(string name, SignalType type, params (string Duration, double Value)[] steps) => new()
    {
        SignalName = name,
        SignalType = type,
        SignalId = "sig-" + name,
        Intervals = steps.Select((s, i) => new SignalInterval(null, For(s.Duration), i.ToString(), s.Value)).ToValueList(),
    };

    public static EventSignal InKilowatts(this EventSignal signal) =>
        signal with { ItemBase = new ItemBase { Kind = ItemKind.PowerReal, Description = "RealPower", Units = "W", Scale = SiScale.Kilo } };

    public static EventSignal InCurrency(this EventSignal signal, string currency) =>
        signal with { ItemBase = new ItemBase { Kind = ItemKind.CurrencyPerKWh, Description = "currencyPerKWh", Units = currency, Scale = SiScale.None } };

    public static OadrEvent Modified(this OadrEvent e, uint number) => e with { Descriptor = e.Descriptor with { ModificationNumber = number } };

    public static OadrEvent Cancelled(this OadrEvent e, uint number) =>
        e with { Descriptor = e.Descriptor with { ModificationNumber = number, Status = EventStatus.Cancelled } };

    public static OadrEvent Priority(this OadrEvent e, uint? priority) => e with { Descriptor = e.Descriptor with { Priority = priority } };

    public static OadrEvent StartAfter(this OadrEvent e, string window) => e with { ActivePeriod = e.ActivePeriod with { StartAfter = For(window) } };

    public static OadrEvent NoResponse(this OadrEvent e) => e with { ResponseRequired = ResponseRequired.Never };

    public static OadrEvent Targeting(this OadrEvent e, EiTarget target) => e with { Target = target };

    public static OadrEvent Test(this OadrEvent e, string? said = "true") => e with { Descriptor = e.Descriptor with { TestEvent = said } };

    public static OadrEvent Context(this OadrEvent e, string marketContext) => e with { Descriptor = e.Descriptor with { MarketContext = marketContext } };

    public static ReportRequest Wants(string id, string specifier, string granularity, string back, params string[] rIds) =>
        new(id, new ReportSpecifier
        {
            ReportSpecifierId = specifier,
            Granularity = For(granularity),
            ReportBackDuration = For(back),
            Payloads = rIds.Select(r => new SpecifierPayload(r, null, "x-notApplicable")).ToValueList(),
        });

    public static ReportRequest Between(this ReportRequest request, string from, string duration) => request with
    {
        Specifier = request.Specifier with { ReportInterval = new CalendarInterval { Start = Time(from), Duration = For(duration) } },
    };

    public static ReportRequest Each(this ReportRequest request, string back) =>
        request with { Specifier = request.Specifier with { ReportBackDuration = For(back) } };

    public static OadrCreateReport AsksReports(string requestId, params ReportRequest[] requests) => new(requestId, requests.ToValueList(), VenId);
}
