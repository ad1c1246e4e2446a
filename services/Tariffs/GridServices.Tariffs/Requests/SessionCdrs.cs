using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Allocation;
using GridServices.Tariffs.Ocpi;
using NodaTime;

namespace GridServices.Tariffs.Requests;

/// <summary>
/// Sessions of OCPI 2.1.1, 2.2.1 and 2.3.0: CDRs by their charging periods, and Session objects, whose <c>kwh</c> are spread evenly. A Session without an end is under way until its
/// <c>last_updated</c>. <c>total_cost</c> without taxes is what was paid.
/// </summary>
internal sealed class SessionCdrs(ReadProblems problems, Instant asOf, string currency, DateTimeZone zone)
{
    public AllocatedSession? Read(JsonMember item)
    {
        var id = item.Required("id", "what the CDR or Session is known by").Text();
        if (item.Member("credit")?.Flag() == true)
        {
            problems.Refuse(ErrorClass.SemanticCode, $"{item.Pointer}/credit", "a credit CDR takes a session back; leave it and the CDR that it credits out");
        }

        if (item.Member("currency") is { IsText: true } own && own.Text() != currency)
        {
            problems.Refuse(ErrorClass.Unit, own.Pointer, $"it was paid in {SafeText.Short(own.Text())}, the site's bill is in {currency}; a margin is of one currency");
        }

        var session = problems.Any ? null : item.Member("kwh") is { } kwh && item.Member("total_energy") is null ? UnderWay(item, id, kwh) : Ended(item, id);
        return session is null ? null : session with { User = UserOf(item), Station = StationOf(item), Paid = CdrStatement.Read(item).TotalCost?.BeforeTaxes };
    }

    /// <summary>A Session object: what it has drawn so far, or in all where it has ended.</summary>
    private AllocatedSession? UnderWay(JsonMember item, string id, JsonMember kwh)
    {
        var start = (item.Member("start_datetime") ?? item.Required("start_date_time", "when it began")).Instant();
        var end = (item.Member("end_date_time") ?? item.Member("end_datetime"))?.Instant();
        var until = item.Member("last_updated")?.Instant() ?? asOf;
        return problems.Any ? null : Taken(SessionRows.Of(id, start, end, kwh.Number(), until), item);
    }

    private AllocatedSession? Ended(JsonMember item, string id)
    {
        if (new OcpiCdrReader(problems, zone).Session(item) is not { } cdr || problems.Any)
        {
            return null;
        }

        var parts = cdr.Periods.Where(p => p.Energy > 0 && p.End > p.Start).Select(p => new SessionStretch(p.Start, p.End, p.Energy)).ToImmutableArray();
        var total = item.Member("total_energy")?.Number() ?? parts.Sum(p => p.Kwh);
        if (parts.IsEmpty || cdr.Periods.Any(p => p.Energy > 0 && p.End == p.Start))
        {
            if (total > 0)
            {
                problems.Warn(ErrorClass.SemanticTime, item.Pointer, $"'{SafeText.Short(id)}': its charging periods do not say when its energy flowed; total_energy is spread evenly from start to end");
            }

            return Taken(SessionRows.Of(id, cdr.Start, (item.Member("end_date_time") ?? item.Member("stop_date_time"))!.Instant(), total, asOf), item);
        }

        return Taken(SessionRows.Of(id, cdr.Start, parts[^1].Until, parts.Sum(p => p.Kwh), asOf), item) is { } whole ? whole with { Parts = parts } : null;
    }

    private AllocatedSession? Taken((AllocatedSession? Session, ErrorClass Class, string? Problem) read, JsonMember item)
    {
        if (read.Session is null)
        {
            problems.Refuse(read.Class, item.Pointer, read.Problem!);
        }

        return read.Session;
    }

    private static string? UserOf(JsonMember item) =>
        Text(item.Member("cdr_token")?.Member("contract_id")) ?? Text(item.Member("cdr_token")?.Member("uid")) ?? Text(item.Member("auth_id"));

    private static string? StationOf(JsonMember item) =>
        Text(item.Member("cdr_location")?.Member("evse_uid")) ?? Text(item.Member("evse_uid"))
        ?? Text(item.Member("location")?.Member("evses") is { IsArray: true } evses ? evses.Items().FirstOrDefault()?.Member("uid") : null)
        ?? Text((item.Member("cdr_location") ?? item.Member("location"))?.Member("id")) ?? Text(item.Member("location_id"));

    private static string? Text(JsonMember? member) => member is { IsText: true } ? member.Text() : null;
}
