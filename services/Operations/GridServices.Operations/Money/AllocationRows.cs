using System.Text.Json;
using GridServices.Contracts;
using GridServices.Operations.Compliance;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Money;

/// <summary>The intervals of the site's bill: [Start + i x Minutes).</summary>
public sealed record BillGrid(Instant Start, int Minutes, int Count)
{
    public Instant End => Start + Duration.FromMinutes((long)Minutes * Count);
}

/// <summary>Who shares the bill in <c>POST /v1/allocations</c>: a session, or a charge point with all of its sessions.</summary>
public sealed record AllocationUser
{
    public required string Id { get; init; }
    public required string Station { get; init; }

    /// <summary>Of a charge point per interval of the bill; empty of a session, which is told by its own times.</summary>
    public required decimal[] Kwh { get; init; }

    public required IReadOnlyList<ChargingSession> Sessions { get; init; }
}

/// <summary>Sessions that a bill is split among, each by its own times; where they are more than one request holds, charge points, whose shares are handed on to their sessions.</summary>
public sealed record AllocationRows
{
    /// <summary>Charge points that the Tariffs service takes.</summary>
    public const int MostUsers = 1000;

    /// <summary>Sessions of a request, as JSON; the readings of the month have to go in beside them.</summary>
    public const int MostBytes = 14_000_000;

    private const long MostIntervals = 10_000_000;
    private const int Decimals = 6;

    public required IReadOnlyList<AllocationUser> Users { get; init; }

    /// <summary>Whether each user is a charge point, because there are too many sessions to be split one by one.</summary>
    public required bool ByEvse { get; init; }

    /// <summary>Energy of sessions outside the bill's intervals: it is on another bill.</summary>
    public required decimal OutsideKwh { get; init; }

    /// <param name="sessions">All that were handed in.</param>
    /// <param name="grid">Of the bill.</param>
    /// <param name="mostBytes">Beyond so much JSON the bill is split among charge points.</param>
    /// <exception cref="ArgumentException">More charge points than can be split at once.</exception>
    public static AllocationRows From(IReadOnlyCollection<ChargingSession> sessions, BillGrid grid, int mostBytes = MostBytes)
    {
        ChargingSession[] inside = [.. sessions.Where(s => s.Start < grid.End && s.End > grid.Start)];
        var byEvse = SessionRequest.MeasureBytes(inside) > mostBytes || inside.Sum(s => CountIntervals(s, grid)) > MostIntervals;
        var users = byEvse
            ? inside.GroupBy(s => s.Evse, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => ChargePoint(g.Key, [.. g], grid)).ToList()
            : [.. inside.OrderBy(s => s.Start).ThenBy(s => s.Id, StringComparer.Ordinal).Select(s => new AllocationUser { Id = s.Id, Station = s.Evse, Kwh = [], Sessions = [s] })];
        if (byEvse && users.Count > MostUsers)
        {
            throw new ArgumentException($"a bill is split among at most {MostUsers} charge points; split the site's meter first", nameof(sessions));
        }

        return new AllocationRows { Users = users, ByEvse = byEvse, OutsideKwh = sessions.Sum(s => s.Kwh) - inside.Sum(s => GetInside(s, grid)) };
    }

    /// <summary>The member <c>sessions</c> of the request, or <c>users</c> where they are charge points.</summary>
    public void Write(Utf8JsonWriter json)
    {
        if (!ByEvse)
        {
            SessionRequest.Write(json, Users.Select(u => u.Sessions[0]));
            return;
        }

        json.WriteStartArray("users");
        foreach (var user in Users)
        {
            json.WriteStartObject();
            json.WriteString("id", user.Id);
            json.WriteStartArray("kWh");
            foreach (var kwh in user.Kwh)
            {
                json.WriteNumberValue(kwh);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>What each session pays, to the cent: a charge point's share falls on its sessions by their energy inside the bill.</summary>
    /// <param name="payable">Per user, as the answer says it.</param>
    /// <param name="grid">Of the bill.</param>
    /// <param name="currency">Of the bill, ISO 4217. What was paid in another one is left out: it says nothing beside this bill.</param>
    /// <exception cref="ArgumentException">A user is missing in the answer.</exception>
    public IReadOnlyList<SessionShare> Shares(IReadOnlyDictionary<string, decimal> payable, BillGrid grid, string currency)
    {
        var digits = LedgerLines.GetDigits(currency);
        var shares = new List<SessionShare>();
        foreach (var user in Users)
        {
            var amount = payable.TryGetValue(user.Id, out var found) ? found : throw new ArgumentException($"the answer lacks the share of '{user.Id}'", nameof(payable));
            decimal[] energies = [.. user.Sessions.Select(s => GetInside(s, grid))];
            var parts = CentSplit.Split(amount, energies, digits);
            shares.AddRange(user.Sessions.Select((s, i) => new SessionShare(s.Id, s.Evse, energies[i], parts[i], IsIn(s, currency) ? s.Paid : null) { User = s.User }));
        }

        return shares;
    }

    /// <summary>What was paid in another currency than the bill's, in words.</summary>
    public IEnumerable<string> NotCompared(string currency) => Users.SelectMany(u => u.Sessions).Where(s => s.Paid is not null && !IsIn(s, currency))
        .CountBy(s => s.Currency!, StringComparer.Ordinal).OrderBy(c => c.Key, StringComparer.Ordinal)
        .Select(c => $"{c.Value} {(c.Value == 1 ? "session was" : "sessions were")} paid in {SafeText.Line(c.Key)} and the bill is in {currency}: what was paid is not compared");

    private static bool IsIn(ChargingSession session, string currency) => session.Currency is null || string.Equals(session.Currency, currency, StringComparison.Ordinal);

    private static long CountIntervals(ChargingSession session, BillGrid grid) => 1 + (long)((Instant.Min(session.End, grid.End) - Instant.Max(session.Start, grid.Start)).TotalMinutes / grid.Minutes);

    /// <summary>A session's energy in the time of the bill, spread evenly within each of its parts.</summary>
    private static decimal GetInside(ChargingSession session, BillGrid grid) => session.Parts.Sum(part =>
    {
        var (from, until) = (Instant.Max(part.From, grid.Start), Instant.Min(part.Until, grid.End));
        return until <= from ? 0
            : from == part.From && until == part.Until ? part.Kwh : decimal.Round(part.Kwh * ActualPower.Seconds(from, until) / ActualPower.Seconds(part.From, part.Until), Decimals);
    });

    private static AllocationUser ChargePoint(string id, IReadOnlyList<ChargingSession> sessions, BillGrid grid)
    {
        var kwh = new decimal[grid.Count];
        foreach (var session in sessions)
        {
            Spread(session, grid, kwh);
        }

        return new AllocationUser { Id = id, Station = id, Kwh = kwh, Sessions = sessions };
    }

    /// <summary>Adds a session's energy to the intervals evenly within each of its parts; the last interval takes what rounding leaves.</summary>
    private static void Spread(ChargingSession session, BillGrid grid, decimal[] kwh)
    {
        var step = Duration.FromMinutes(grid.Minutes);
        foreach (var part in session.Parts)
        {
            var (at, given, end) = (part.From, 0m, Instant.Min(part.Until, grid.End));
            for (var i = Math.Max(0, (int)Math.Floor((part.From - grid.Start) / step)); i < grid.Count && at < end; i++)
            {
                var (from, until) = (Instant.Max(part.From, grid.Start + step * i), Instant.Min(part.Until, grid.Start + step * (i + 1)));
                var share = until == part.Until && part.From >= grid.Start ? part.Kwh - given : decimal.Round(part.Kwh * ActualPower.Seconds(from, until) / ActualPower.Seconds(part.From, part.Until), Decimals);
                (kwh[i], given, at) = (kwh[i] + share, given + share, until);
            }
        }
    }
}

/// <summary>What a session pays of the bill.</summary>
public sealed record SessionShare(string SessionId, string Evse, decimal Kwh, decimal Payable, decimal? Paid = null)
{
    /// <summary>As in <see cref="ChargingSession.User"/>.</summary>
    public string? User { get; init; }

    /// <summary>Paid less payable.</summary>
    public decimal? Margin => Paid - Payable;
}

/// <summary>What all sessions of one user come to.</summary>
/// <param name="User">As told; where no user is told, the charge point.</param>
/// <param name="Sessions">How many.</param>
/// <param name="Kwh">Inside the bill.</param>
/// <param name="Payable">To the cent.</param>
/// <param name="Paid">Null = not told of every session.</param>
public sealed record UserTotal(string User, int Sessions, decimal Kwh, decimal Payable, decimal? Paid)
{
    public static IReadOnlyList<UserTotal> Sum(IEnumerable<SessionShare> shares) =>
    [
        .. shares.GroupBy(s => s.User ?? s.Evse, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => new UserTotal(g.Key, g.Count(), g.Sum(s => s.Kwh), g.Sum(s => s.Payable), g.All(s => s.Paid is not null) ? g.Sum(s => s.Paid) : null)),
    ];
}

/// <summary>Splits money so that the cents sum to the whole.</summary>
internal static class CentSplit
{
    /// <summary>In proportion to the weights (evenly where all are 0); cents that are left go to the largest remainders, the earlier one on a tie.</summary>
    public static decimal[] Split(decimal total, IReadOnlyList<decimal> weights, int digits)
    {
        var unit = 1m;
        for (var i = 0; i < digits; i++)
        {
            unit /= 10;
        }

        var sum = weights.Sum();
        decimal[] exact = [.. weights.Select(w => sum == 0 ? total / weights.Count : total * w / sum)];
        decimal[] parts = [.. exact.Select(e => Math.Floor(e / unit) * unit)];
        var left = (int)decimal.Round((total - parts.Sum()) / unit);
        foreach (var i in Enumerable.Range(0, parts.Length).Where(i => sum == 0 || weights[i] != 0).OrderByDescending(i => exact[i] - parts[i]).ThenBy(i => i).Take(left))
        {
            parts[i] += unit;
        }

        return parts;
    }
}
