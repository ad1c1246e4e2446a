using System.Collections.Immutable;
using System.Globalization;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Allocation;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Readers;

namespace GridServices.Tariffs.Requests;

/// <summary>A site's bill to be split among those who caused it.</summary>
public sealed record AllocationRequest
{
    public required BillRequest Site { get; init; }
    public required ImmutableArray<SiteUser> Users { get; init; }

    /// <summary>What users paid, for their margin; of sessions that lie partly outside of the site's data it is not here, for a part of the cost bears no margin of the whole.</summary>
    public required ImmutableDictionary<string, decimal> Paid { get; init; }

    /// <summary>The station of each user, where told.</summary>
    public required ImmutableDictionary<string, string> Stations { get; init; }

    /// <summary>The sessions among the users, by id.</summary>
    public ImmutableDictionary<string, AllocatedSession> Sessions { get; init; } = ImmutableDictionary<string, AllocatedSession>.Empty;

    /// <summary>Whose shares are explained line by line.</summary>
    public ImmutableArray<string> Explained { get; init; } = [];

    public required DemandAllocationMethod Method { get; init; }

    /// <summary>Sessions are under way: their shares, and so those of all, are estimates.</summary>
    public bool HasEstimates => Sessions.Values.Any(s => s.IsUnderWay);

    /// <exception cref="BillRefusedException">The data do not fit together.</exception>
    public (Bill Bill, ImmutableArray<UserCost> Costs, ImmutableArray<CostReason> Reasons) Split()
    {
        var (plan, bill) = (Site.Plan(), Site.Bill());
        var (costs, reasons) = BillAllocation.Explain(plan, bill, Site.Data, Users, Method, Explained, Site.Options);
        return (bill, costs, reasons);
    }

    /// <summary>The costs of sessions by who charged, in order of their names.</summary>
    public ImmutableArray<OwnerCost> ByOwner(IEnumerable<UserCost> costs) => [.. costs
        .Where(c => Sessions.TryGetValue(c.Id, out var session) && session.User is not null)
        .GroupBy(c => Sessions[c.Id].User!, StringComparer.Ordinal)
        .OrderBy(g => g.Key, StringComparer.Ordinal)
        .Select(g => new OwnerCost(g.Key, g.Count(), g.Sum(c => c.Kwh), g.Sum(c => c.Payable), SumPaid(g)))];

    /// <summary>The costs by station, in order of their names: what was caused and paid there. A margin stands where all of its users' payments are told in whole.</summary>
    public ImmutableArray<StationCost> ByStation(IEnumerable<UserCost> costs) => [.. costs
        .Where(c => Stations.ContainsKey(c.Id))
        .GroupBy(c => Stations[c.Id], StringComparer.Ordinal)
        .OrderBy(g => g.Key, StringComparer.Ordinal)
        .Select(g => new StationCost(g.Key, g.Count(), g.Sum(c => c.Kwh), g.Sum(c => c.Payable), SumPaid(g)))];

    /// <summary>What all of them paid; none where it is not told in whole of each, or one is still under way.</summary>
    private decimal? SumPaid(IEnumerable<UserCost> costs) =>
        costs.All(c => Paid.ContainsKey(c.Id) && Sessions.GetValueOrDefault(c.Id) is not { IsUnderWay: true }) ? costs.Sum(c => Paid[c.Id]) : null;
}

/// <summary>What a station's sessions caused and brought in.</summary>
/// <param name="Station">Its name.</param>
/// <param name="Users">Sessions (or tenants) at it.</param>
/// <param name="Kwh">Their energy.</param>
/// <param name="Payable">What they caused.</param>
/// <param name="Paid">What they paid; absent where it is not told of all, or where one is under way or lies partly outside of the site's data.</param>
public sealed record StationCost(string Station, int Users, decimal Kwh, decimal Payable, decimal? Paid)
{
    /// <summary>Paid less caused.</summary>
    public decimal? Margin => Paid - Payable;
}

/// <summary>
/// Reads a bill request with <c>method</c> and <c>users: [{id, station, kW|kWh: […], paid}]</c> on the site's interval grid, or <c>sessions</c> (rows, CSV, OCPI), or both; <c>explain</c> names
/// those whose shares are explained.
/// </summary>
public static class AllocationRequestJson
{
    private const int MostUsers = 1000;
    private const int MostExplained = 100;
    private const int MostIntervals = 15_000_000;

    public static ReadResult<AllocationRequest> Read(ReadOnlyMemory<byte> json, KnownTariffs? known = null) =>
        RequestDocument.Read(json, typeof(AllocationRequestBody), (root, problems) => ReadRequest(root, problems, known));

    private static AllocationRequest? ReadRequest(JsonMember root, ReadProblems problems, KnownTariffs? known)
    {
        var site = new BillRequestJson(root, problems).ReadRequest(known);
        var raw = root.Member("users")?.Items() ?? [];
        var method = root.Enum("method", DemandAllocationMethod.CoincidentPeak, problems);
        if (raw.Length > MostUsers || (raw.Length == 0 && root.Member("sessions") is null))
        {
            problems.Refuse(ErrorClass.SchemaInvalid, "/users", $"give 1 to {MostUsers} users, each with id and kW or kWh on the site's intervals; or sessions");
        }

        if (site is null || problems.Any)
        {
            return null;
        }

        var sessions = Sessions(root, site, problems);
        Bound(raw.Length, sessions, site, problems);
        if (problems.Any)
        {
            return null;
        }

        ImmutableArray<SiteUser> users = [.. raw.Select(u => User(u, site, problems)).OfType<SiteUser>(), .. sessions.Select(s => new SiteUser(s.Id, SessionLoad.On(s, site.Data.Net)))];
        Check(users, raw.Length, site, method, problems);
        Elsewhere(users, sessions, site, problems);
        var explained = Explained(root, users, problems);
        return problems.Any ? null : new AllocationRequest
        {
            Site = site,
            Users = users,
            Paid = ReadByUser(raw, "paid", m => m.Amount(), sessions, s => s.Paid is not null && !SessionLoad.IsPartlyOutside(s, site.Data.Net), s => s.Paid!.Value),
            Stations = ReadByUser(raw, "station", m => m.Text(), sessions, s => s.Station is not null, s => s.Station!),
            Sessions = sessions.ToImmutableDictionary(s => s.Id, StringComparer.Ordinal),
            Explained = explained,
            Method = method,
        };
    }

    private static ImmutableArray<AllocatedSession> Sessions(JsonMember root, BillRequest site, ReadProblems problems)
    {
        if (root.Member("sessions") is not { } given)
        {
            return [];
        }

        var sessions = new SessionRows(problems, root.Member("asOf")?.Instant(), site.Tariffs[0].Source.Currency, site.Tariffs[0].Zone).Read(given);
        return problems.Any ? [] : sessions;
    }

    /// <summary>All loads are held in the intervals that are billed, into which an edge at an odd time cuts those of the meter.</summary>
    private static void Bound(int dense, ImmutableArray<AllocatedSession> sessions, BillRequest site, ReadProblems problems)
    {
        var net = site.Data.Net;
        var given = (long)dense * net.Count + sessions.Sum(s => SessionLoad.Span(s, net) is var (first, last) ? (long)last - first : 0);
        var plan = given == 0 || problems.Any ? null : FindPlan(site);
        if (plan is null || given * plan.Parts <= MostIntervals)
        {
            return;
        }

        var cut = plan.Parts == 1 ? "" : string.Create(
            CultureInfo.InvariantCulture, $", each billed in {plan.Parts} parts, since an edge of a period, a call or a day cuts them at {plan.CutAt}");
        problems.Refuse(ErrorClass.LimitCount, sessions.IsEmpty ? "/users" : "/sessions", string.Create(
            CultureInfo.InvariantCulture, $"the sessions and users lie in {given} of the site's intervals together{cut}; at most {MostIntervals} are shared at once: {(plan.Parts == 1 ? "give the site in longer intervals" : "let edges lie on the meter's intervals")}, or fewer at a time"));
    }

    private static BillPlan? FindPlan(BillRequest site)
    {
        try
        {
            return site.Plan();
        }
        catch (BillRefusedException)
        {
            // Told when the bill is made, before any load is laid out.
            return null;
        }
    }

    private static ImmutableDictionary<string, T> ReadByUser<T>(
        ImmutableArray<JsonMember> raw, string name, Func<JsonMember, T> read, ImmutableArray<AllocatedSession> sessions, Predicate<AllocatedSession> isTold, Func<AllocatedSession, T> of) => raw
        .Where(u => u.Member(name) is not null && u.Member("id") is { IsText: true })
        .Select(u => KeyValuePair.Create(u.Member("id")!.Text(), read(u.Member(name)!)))
        .Concat(sessions.Where(s => isTold(s)).Select(s => KeyValuePair.Create(s.Id, of(s))))
        .DistinctBy(u => u.Key, StringComparer.Ordinal).ToImmutableDictionary(StringComparer.Ordinal);

    private static ImmutableArray<string> Explained(JsonMember root, ImmutableArray<SiteUser> users, ReadProblems problems)
    {
        if (root.Member("explain") is not { } explain)
        {
            return [];
        }

        var known = users.Select(u => u.Id).Append(BillAllocation.Site).ToHashSet(StringComparer.Ordinal);
        ImmutableArray<string> ids = [.. explain.Items(1, MostExplained).Select(i => i.Text())];
        if (ids.FirstOrDefault(i => !known.Contains(i)) is { } unknown && !problems.Any)
        {
            problems.Refuse(ErrorClass.UnknownId, explain.Pointer, $"'{SafeText.Short(unknown)}' is no user and no session of this request; a row of CSV without an id is known as 'line 2'");
        }

        return ids;
    }

    /// <summary>A session's energy outside of the site's data is on another bill.</summary>
    private static void Elsewhere(ImmutableArray<SiteUser> users, ImmutableArray<AllocatedSession> sessions, BillRequest site, ReadProblems problems)
    {
        var inside = users[^sessions.Length..];
        int[] partly = [.. Enumerable.Range(0, sessions.Length).Where(i => SessionLoad.IsPartlyOutside(sessions[i], site.Data.Net))];
        if (partly.Length > 0)
        {
            var kwh = partly.Sum(i => sessions[i].Kwh - inside[i].Series.Kwh(ExactSum.All(inside[i].Series.Values, inside[i].Series.MaxAbs)));
            problems.Warn(ErrorClass.DataGap, "/sessions", string.Create(
                CultureInfo.InvariantCulture, $"{kwh:0.###} kWh of {partly.Length} sessions lie outside of the site's intervals; they are not shared here, and what was paid for these sessions makes no margin"));
        }
    }

    private static void Check(ImmutableArray<SiteUser> users, int dense, BillRequest site, DemandAllocationMethod method, ReadProblems problems)
    {
        if (users.Select(u => u.Id).Append(BillAllocation.Site).Distinct(StringComparer.Ordinal).Count() <= users.Length)
        {
            var twice = users.GroupBy(u => u.Id, StringComparer.Ordinal).FirstOrDefault(g => g.Skip(1).Any())?.Key ?? BillAllocation.Site;
            problems.Refuse(
                ErrorClass.DuplicateId, dense > 0 ? "/users" : "/sessions", $"each user and session is given once, under an id of its own, not '{SafeText.Short(twice)}'; {BillAllocation.Site} is what none of them used");
        }

        foreach (var finding in BillAllocation.Findings(site.Data, users, method))
        {
            problems.Warn(finding.Class, finding.Path, finding.Detail);
        }
    }

    private static SiteUser? User(JsonMember user, BillRequest site, ReadProblems problems)
    {
        if (user.Member("id") is not { IsText: true } id || id.Text().Length is 0 or > 200)
        {
            problems.Refuse(ErrorClass.SchemaInvalid, $"{user.Pointer}/id", "missing: who this is, 1 to 200 characters");
            return null;
        }

        var net = site.Data.Net;
        var read = new InlineIntervals(site.Tariffs[0].Zone, problems).OnGrid(user, net);
        if (read is { HasNegative: true })
        {
            var (name, values) = (user.Member("kW") is null ? "kWh" : "kW", read.Values.ToArray());
            problems.Refuse(ErrorClass.SemanticNumber, string.Create(CultureInfo.InvariantCulture, $"{user.Pointer}/{name}/{Array.FindIndex(values, v => v < 0)}"),
                "a user's load is not below 0; what it feeds in is the site's export");
            return null;
        }

        if (read is not null && read.Count != net.Count)
        {
            problems.Refuse(ErrorClass.DataGap, user.Pointer,
                string.Create(CultureInfo.InvariantCulture, $"{read.Count} numbers, where the site has {net.Count} intervals; give one for each, null where there is no reading"));
            return null;
        }

        return read is null ? null : new SiteUser(id.Text(), read);
    }
}
