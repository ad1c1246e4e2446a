using System.Collections.Immutable;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Ocpi;
using GridServices.Tariffs.Readers;

namespace GridServices.Tariffs.Requests;

/// <summary>The cost of an OCPI charge detail record.</summary>
/// <param name="Tariffs">Those that price it: one, or one for each id that its charging periods name.</param>
/// <param name="Session">What happened.</param>
/// <param name="IsCredit">Whether it is a credit CDR.</param>
public sealed record CdrCostRequest(ImmutableArray<OcpiTariff> Tariffs, OcpiSession Session, bool IsCredit)
{
    /// <summary>What the CDR states as its totals.</summary>
    public CdrStatement Stated { get; init; } = new();

    public OcpiCostReport Cost() => OcpiCost.Compute(Tariffs, Session);

    /// <summary>The CDR's own totals against a cost; null where it states none.</summary>
    public CdrCheck? Check(OcpiCostReport cost) => CdrCheck.Compare(cost, Stated, Session, IsCredit);
}

/// <summary>
/// Reads <c>{"tariff":{…},"cdr":{…},"timeZone":"Europe/Amsterdam"}</c>: OCPI 2.1.1, 2.2.1 or 2.3.0 as they stand. Without a tariff the ones
/// inside the CDR count. Charging periods that name their tariff (<c>tariff_id</c>) are priced by it; where none does, the first tariff that is valid at the
/// session's start prices all.
/// </summary>
public static class CdrCostRequestJson
{
    private static readonly string[] Ways = ["tariff", "tariffs", "tariffId"];

    public static ReadResult<CdrCostRequest> Read(ReadOnlyMemory<byte> json, Func<string, ReadOnlyMemory<byte>?>? known = null) =>
        RequestDocument.Read(json, typeof(CdrCostRequestBody), (root, problems) => ReadRequest(root, problems, known));

    private static CdrCostRequest? ReadRequest(JsonMember root, ReadProblems problems, Func<string, ReadOnlyMemory<byte>?>? known)
    {
        if (SettlementRequestJson.ReadZone(root, problems) is not { } zone)
        {
            return null;
        }

        if (root.Member("cdr") is not { IsObject: true } cdr)
        {
            problems.Refuse(ErrorClass.SchemaInvalid, "/cdr", "missing: the charge detail record as OCPI has it");
            return null;
        }

        string[] ways = [.. Ways.Where(w => root.Member(w) is not null)];
        if (ways.Length > 1)
        {
            problems.Refuse(ErrorClass.SchemaInvalid, "/", $"{string.Join(" and ", ways)} stand here; give one of them");
            return null;
        }

        var session = Unwrap(OcpiJson.ReadCdr(Bytes(cdr), zone), cdr.Pointer, problems);
        if (root.Member("tariffId") is { } named)
        {
            var stored = known?.Invoke(named.Text());
            if (stored is null)
            {
                problems.Refuse(ErrorClass.UnknownId, named.Pointer, $"there is no OCPI tariff '{SafeText.Short(named.Text())}'; put it with ?format=ocpi first, or give it as tariff");
                return null;
            }

            var tariff = Unwrap(OcpiJson.ReadTariff(stored.Value), named.Pointer, problems);
            return tariff is null || session is null ? null : Priced([tariff], cdr, session, problems);
        }

        ImmutableArray<JsonMember> given = root.Member("tariff") is { } one ? [one] : root.Member("tariffs")?.Items() ?? [];
        var own = cdr.Member("tariffs")?.Items() ?? [];
        var wanted = session?.NamesTariffs == true ? given.AddRange(own) : given.IsEmpty ? own : given;
        var tariffs = wanted.Select(t => Unwrap(OcpiJson.ReadTariff(Bytes(t)), t.Pointer, problems)).OfType<OcpiTariff>().ToImmutableArray();
        RequireOnce(wanted, problems);
        return session is null || problems.Any ? null : Priced(tariffs, cdr, session, problems);
    }

    /// <summary>One id leads to one tariff; the same one may be given twice, in the CDR and beside it, and versions may follow one another.</summary>
    private static void RequireOnce(ImmutableArray<JsonMember> tariffs, ReadProblems problems)
    {
        static string Text(JsonMember tariff, string name) => tariff.Member(name) is { IsText: true } text ? text.Text() : string.Empty;
        var same = tariffs.Where(t => t.IsObject).GroupBy(t => (Text(t, "id").ToUpperInvariant(), Text(t, "start_date_time"), Text(t, "end_date_time")));
        foreach (var other in same.SelectMany(g => g.Skip(1).Where(t => Text(t, "id").Length > 0 && !JsonElement.DeepEquals(t.Raw, g.First().Raw))))
        {
            problems.Refuse(ErrorClass.DuplicateId, $"{other.Pointer}/id",
                $"another tariff bears the id '{SafeText.Short(Text(other, "id"))}' with other prices; give the one that the session was made with");
        }
    }

    private static CdrCostRequest? Priced(ImmutableArray<OcpiTariff> tariffs, JsonMember cdr, OcpiSession session, ReadProblems problems)
    {
        var pricing = session.NamesTariffs ? ByPeriod(tariffs, cdr, session, problems) : Governing(tariffs, session, problems);
        if (pricing.Select(t => t.Currency).Distinct(StringComparer.Ordinal).Count() > 1)
        {
            problems.Refuse(ErrorClass.Unit, "/cdr/charging_periods",
                $"the tariffs of the periods are in {string.Join(" and ", pricing.Select(t => t.Currency).Distinct(StringComparer.Ordinal))}; one session has one currency");
        }

        if (cdr.Member("currency") is { IsText: true } currency && !pricing.IsEmpty && currency.Text() != pricing[0].Currency)
        {
            problems.Refuse(ErrorClass.Unit, currency.Pointer, $"the CDR is in {SafeText.Short(currency.Text())}, its tariff in {pricing[0].Currency}; give the tariff that it was made with");
        }

        var stated = CdrStatement.Read(cdr);
        return problems.Any ? null : new CdrCostRequest(pricing, session, cdr.Member("credit")?.Flag() == true) { Stated = stated };
    }

    private static ImmutableArray<OcpiTariff> Governing(ImmutableArray<OcpiTariff> tariffs, OcpiSession session, ReadProblems problems)
    {
        if (tariffs.Where(t => OcpiTariff.Governing([t], session.Start) is not null).Select(t => t.Id).Distinct(StringComparer.OrdinalIgnoreCase).ToArray() is { Length: > 1 } several)
        {
            problems.Warn(
                ErrorClass.SemanticReference, "/cdr/charging_periods",
                    $"no charging period names its tariff, and {string.Join(", ", several.Select(SafeText.Short))} are valid when the session starts: the first prices all; give tariff_id, or one tariff");
        }

        if (OcpiTariff.Governing(tariffs, session.Start) is { } governing)
        {
            return [governing];
        }

        problems.Refuse(ErrorClass.SemanticReference, "/tariff", "no tariff is given that is valid when the session starts; give tariff, tariffs, or a CDR that carries its own");
        return [];
    }

    /// <summary>OCPI 2.2.1, ChargingPeriod.tariff_id: "If not provided, no Tariff is relevant during this period."</summary>
    private static ImmutableArray<OcpiTariff> ByPeriod(ImmutableArray<OcpiTariff> tariffs, JsonMember cdr, OcpiSession session, ReadProblems problems)
    {
        var periods = cdr.Member("charging_periods")!.Items();
        var pricing = ImmutableArray.CreateBuilder<OcpiTariff>();
        foreach (var period in periods)
        {
            if (period.Member("tariff_id") is not { } id)
            {
                problems.Warn(ErrorClass.SemanticReference, $"{period.Pointer}/tariff_id",
                    "this charging period names no tariff beside others that do, so none is relevant in it and it costs nothing");
                continue;
            }

            var named = tariffs.Where(t => t.IsNamed(id.Text())).ToArray();
            if (named.Length == 0)
            {
                problems.Refuse(
                    ErrorClass.UnknownId, id.Pointer, $"no tariff '{SafeText.Short(id.Text())}' is given; {Spelling.Hint(id.Text(), tariffs.Select(t => t.Id))} Give it in tariffs, or in the CDR");
            }
            else if (!pricing.Any(t => t.IsNamed(id.Text())))
            {
                pricing.Add(OcpiTariff.Governing(named, session.Start) ?? named[0]);
            }
        }

        return pricing.ToImmutable();
    }

    private static byte[] Bytes(JsonMember part) => JsonSerializer.SerializeToUtf8Bytes(part.Raw);

    private static T? Unwrap<T>(ReadResult<T> read, string pointer, ReadProblems problems)
        where T : class
    {
        foreach (var refusal in read.Refusals)
        {
            problems.Refuse(refusal.Class, pointer + refusal.Path.TrimEnd('/'), refusal.Detail);
        }

        foreach (var warning in read.Warnings)
        {
            problems.Warn(warning.Class, pointer + warning.Path.TrimEnd('/'), warning.Detail);
        }

        return read.Ok ? read.Value : null;
    }
}
