using System.Collections.Immutable;
using System.Globalization;
using GridServices.Contracts;
using GridServices.Contracts.Json;

namespace GridServices.Tariffs;

/// <summary>A site's bill to be split among those who caused it.</summary>
public sealed record AllocationRequest
{
    public required BillRequest Site { get; init; }
    public required ImmutableArray<SiteUser> Users { get; init; }

    /// <summary>What users paid, for their margin.</summary>
    public required ImmutableDictionary<string, decimal> Paid { get; init; }

    /// <summary>The station of each user, where told.</summary>
    public required ImmutableDictionary<string, string> Stations { get; init; }

    public required DemandAllocationMethod Method { get; init; }

    /// <exception cref="BillRefusedException">The data do not fit together.</exception>
    public (Bill Bill, ImmutableArray<UserCost> Costs) Split()
    {
        var (plan, bill) = (Site.Plan(), Site.Bill());
        return (bill, BillAllocation.Allocate(plan, bill, Site.Data, Users, Method, Site.Options));
    }

    /// <summary>The costs by station, in order of their names: what was caused and paid there. A margin stands where all of its users' payments are told.</summary>
    public ImmutableArray<StationCost> ByStation(IEnumerable<UserCost> costs) => [.. costs
        .Where(c => Stations.ContainsKey(c.Id))
        .GroupBy(c => Stations[c.Id], StringComparer.Ordinal)
        .OrderBy(g => g.Key, StringComparer.Ordinal)
        .Select(g => new StationCost(
            g.Key, g.Count(), g.Sum(c => c.Kwh), g.Sum(c => c.Payable), g.All(c => Paid.ContainsKey(c.Id)) ? g.Sum(c => Paid[c.Id]) : null))];
}

/// <summary>What a station's sessions caused and brought in.</summary>
/// <param name="Station">Its name.</param>
/// <param name="Users">Sessions (or tenants) at it.</param>
/// <param name="Kwh">Their energy.</param>
/// <param name="Payable">What they caused.</param>
/// <param name="Paid">What they paid; absent where it is not told of all.</param>
public sealed record StationCost(string Station, int Users, decimal Kwh, decimal Payable, decimal? Paid)
{
    /// <summary>Paid less caused.</summary>
    public decimal? Margin => Paid - Payable;
}

/// <summary>Reads a bill request with <c>method</c> and <c>users: [{id, station, kW|kWh: […], paid}]</c> on the site's interval grid.</summary>
public static class AllocationRequestJson
{
    private const int MostUsers = 1000;

    public static ReadOutcome<AllocationRequest> Read(ReadOnlyMemory<byte> json, KnownTariffs? known = null) =>
        RequestDocument.Read(json, typeof(AllocationRequestBody), (root, problems) => Whole(root, problems, known));

    private static AllocationRequest? Whole(JsonMember root, ReadProblems problems, KnownTariffs? known)
    {
        var site = new BillRequestJson(root, problems).Whole(known);
        var raw = root.Member("users")?.Items() ?? [];
        var method = root.Enum("method", DemandAllocationMethod.CoincidentPeak, problems);
        if (raw.Length is 0 or > MostUsers)
        {
            problems.Refuse(ErrorClass.SchemaInvalid, "/users", $"give 1 to {MostUsers} users, each with id and kW or kWh on the site's intervals");
        }

        if (site is null || problems.Any)
        {
            return null;
        }

        var users = raw.Select(u => User(u, site, problems)).OfType<SiteUser>().ToImmutableArray();
        Check(users, site, method, problems);
        var paid = raw.Where(u => u.Member("paid") is not null && u.Member("id") is { IsText: true })
            .Select(u => (Id: u.Member("id")!.Text(), Paid: u.Member("paid")!.Amount()))
            .DistinctBy(u => u.Id, StringComparer.Ordinal).ToImmutableDictionary(u => u.Id, u => u.Paid, StringComparer.Ordinal);
        var stations = raw.Where(u => u.Member("station") is not null && u.Member("id") is { IsText: true })
            .Select(u => (Id: u.Member("id")!.Text(), Station: u.Member("station")!.Text()))
            .DistinctBy(u => u.Id, StringComparer.Ordinal).ToImmutableDictionary(u => u.Id, u => u.Station, StringComparer.Ordinal);
        return problems.Any ? null : new AllocationRequest { Site = site, Users = users, Paid = paid, Stations = stations, Method = method };
    }

    private static void Check(ImmutableArray<SiteUser> users, BillRequest site, DemandAllocationMethod method, ReadProblems problems)
    {
        if (users.Select(u => u.Id).Append(BillAllocation.Site).Distinct(StringComparer.Ordinal).Count() <= users.Length)
        {
            problems.Refuse(ErrorClass.DuplicateId, "/users", $"each user stands once, under an id of its own; {BillAllocation.Site} is what none of them used");
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
