using System.Collections.Immutable;
using System.Text;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Allocation;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Readers;
using NodaTime;

namespace GridServices.Tariffs.Requests;

/// <summary>Sessions of an allocation: rows as JSON, rows as CSV (<c>start,end,kWh,evse,user</c>), and CDRs or Sessions of OCPI. A session without an end is under way.</summary>
internal sealed class SessionRows(ReadProblems problems, Instant? asOf, string currency, DateTimeZone zone)
{
    public const int Most = 200_000;

    /// <summary>In less time energy is at no time that could be told from another.</summary>
    public static readonly Duration Shortest = Duration.FromSeconds(1);

    private const int MostParts = 1_000;

    private static readonly ImmutableArray<string> AsWhole = ["start", "end", "kWh"];

    private static readonly Duration Longest = Duration.FromDays(31);

    public ImmutableArray<AllocatedSession> Read(JsonMember sessions)
    {
        var read = ImmutableArray.CreateBuilder<AllocatedSession>();
        foreach (var row in (sessions.Member("rows")?.Items(0, Most) ?? []).TakeWhile(_ => !problems.IsFull))
        {
            Add(read, Row(row));
        }

        if (sessions.Member("csv") is { IsText: true } csv)
        {
            read.AddRange(Csv(csv));
        }

        var ocpi = new SessionCdrs(problems, asOf, currency, zone);
        foreach (var item in (sessions.Member("ocpi")?.Items(0, Most) ?? []).TakeWhile(_ => !problems.IsFull))
        {
            Add(read, ocpi.Read(item));
        }

        ocpi.RefuseDuplicates(read);

        if (read.Count is 0 or > Most && !problems.Any)
        {
            problems.Refuse(ErrorClass.LimitCount, sessions.Pointer, $"give 1 to {Most} sessions as rows, csv or ocpi");
        }

        return read.ToImmutable();
    }

    /// <summary>The energy of a session, or what is wrong with it, in words.</summary>
    public static (AllocatedSession? Session, ErrorClass Class, string? Problem) CreateSession(string id, Instant start, Instant? end, decimal kwh, Instant? asOf) =>
        id.Length is 0 or > 200 ? (null, ErrorClass.SchemaInvalid, "an id has 1 to 200 characters")
        : kwh is < 0 or > 1_000_000 ? (null, ErrorClass.SemanticNumber, "a session's energy is 0 to 1,000,000 kWh")
        : ExactDecimal.GetScale(kwh) > SessionLoad.Digits ? (null, ErrorClass.SemanticNumber, $"kWh have at most {SessionLoad.Digits} digits after the point")
        : (end ?? asOf) is not { } until ? (null, ErrorClass.SemanticTime, "it has no end: give it, or asOf, the time of the last reading of sessions under way")
        : until - start < Shortest ? (null, ErrorClass.SemanticTime, end is null ? "it is under way, but starts after asOf, the time of its last reading" : "it must end a second or more after it starts")
        : until - start > Longest ? (null, ErrorClass.SemanticTime, end is null ? "it has no end, and 31 days before asOf is the earliest start of a session under way: give its end" : "a session is at most 31 days long")
        : end > asOf ? (null, ErrorClass.SemanticTime, "it ends after asOf; give as its end only what is over, or a later asOf")
        : (new AllocatedSession(id, [new SessionStretch(start, until, kwh)]) { IsUnderWay = end is null }, default, null);

    private static void Add(ImmutableArray<AllocatedSession>.Builder read, AllocatedSession? session)
    {
        if (session is not null)
        {
            read.Add(session);
        }
    }

    private AllocatedSession? Row(JsonMember row)
    {
        var before = problems.Count;
        if (row.Member("parts") is { } parts)
        {
            return Told(Parted(row, parts), row);
        }

        var (id, start, kwh) = (row.Required("id", "what the session is known by").Text(), row.Required("start", "an instant with its offset").Instant(), row.Required("kWh", "its energy").Amount());
        if (problems.Count > before)
        {
            return null;
        }

        var (session, kind, problem) = CreateSession(id, start, row.Member("end")?.Instant(), kwh, asOf);
        if (session is null)
        {
            problems.Refuse(kind, row.Pointer, $"'{SafeText.Short(id)}': {problem}");
        }

        return Told(session, row);
    }

    private static AllocatedSession? Told(AllocatedSession? session, JsonMember row) =>
        session is null ? null : session with { User = row.Member("user")?.Text(), Station = row.Member("station")?.Text(), Paid = row.Member("paid")?.Amount() };

    /// <summary>A session whose energy is told part by part, each as a session of its own would be.</summary>
    private AllocatedSession? Parted(JsonMember row, JsonMember parts)
    {
        var (before, id) = (problems.Count, row.Required("id", "what the session is known by").Text());
        if (AsWhole.FirstOrDefault(name => row.Member(name) is not null) is { } twice)
        {
            problems.Refuse(ErrorClass.SchemaInvalid, $"{row.Pointer}/{twice}", "a session has parts, or start, end and kWh");
        }

        var stretches = ImmutableArray.CreateBuilder<SessionStretch>();
        foreach (var part in parts.Items(1, MostParts))
        {
            var (start, end, kwh) = (part.Required("start", "an instant with its offset").Instant(), part.Required("end", "an instant with its offset").Instant(),
                part.Required("kWh", "its energy").Amount());
            var (session, kind, problem) = problems.Count > before ? default : CreateSession(id, start, end, kwh, asOf: null);
            if (session is null && problems.Count == before)
            {
                problems.Refuse(kind, part.Pointer, $"'{SafeText.Short(id)}': {problem}");
            }
            else if (session is not null && stretches.Count > 0 && start < stretches[^1].Until)
            {
                problems.Refuse(ErrorClass.SemanticOverlap, part.Pointer, $"'{SafeText.Short(id)}': parts are in order and do not overlap");
            }

            stretches.AddRange(session?.Parts ?? []);
        }

        if (problems.Count > before)
        {
            return null;
        }

        var whole = CreateSession(id, stretches[0].From, stretches[^1].Until, stretches.Sum(s => s.Kwh), asOf);
        if (whole.Session is null)
        {
            problems.Refuse(whole.Class, row.Pointer, $"'{SafeText.Short(id)}': {whole.Problem}");
        }

        return whole.Session is null ? null : whole.Session with { Parts = stretches.ToImmutable() };
    }

    private ImmutableArray<AllocatedSession> Csv(JsonMember csv)
    {
        try
        {
            using var stream = new MemoryStream(Encoding.UTF8.GetBytes(csv.Text()), writable: false);
            return new SessionCsvRows(problems, csv.Pointer, asOf).Read(new CsvLines(stream));
        }
        catch (IntervalRefusedException e)
        {
            problems.Refuse(e.Refusal.Class, csv.Pointer, $"{e.Refusal.Path}: {e.Refusal.Detail}");
            return [];
        }
    }
}
