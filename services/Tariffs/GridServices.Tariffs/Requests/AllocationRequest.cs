using System.Collections.Immutable;
using GridServices.Contracts;

namespace GridServices.Tariffs;

/// <summary>A site's bill to be split among those who caused it.</summary>
public sealed record AllocationRequest
{
    public required BillRequest Site { get; init; }
    public required ImmutableArray<SiteUser> Users { get; init; }

    /// <summary>What users paid, for their margin.</summary>
    public required ImmutableDictionary<string, decimal> Paid { get; init; }

    public required DemandAllocationMethod Method { get; init; }

    /// <exception cref="BillRefusedException">The data do not fit together.</exception>
    public (Bill Bill, ImmutableArray<UserCost> Costs) Split()
    {
        var (plan, bill) = (Site.Plan(), Site.Bill());
        return (bill, BillAllocation.Of(plan, bill, Site.Data, Users, Method));
    }
}

/// <summary>Reads a bill request with <c>method</c> and <c>users: [{id, kW|kWh: […], paid}]</c> on the site's interval grid.</summary>
public static class AllocationRequestJson
{
    private const int MostUsers = 1000;

    /// <summary>Interval additions that a Shapley share may cost: some seconds of one core.</summary>
    private const decimal MostWork = 300_000_000;

    private const int Samples = 20_000;

    public static ReadOutcome<AllocationRequest> Read(ReadOnlyMemory<byte> json, KnownTariffs? known = null) =>
        RequestDocument.Read(json, (root, problems) => Whole(root, problems, known));

    private static AllocationRequest? Whole(JsonMember root, ReadProblems problems, KnownTariffs? known)
    {
        var site = new BillRequestJson(root, problems).Whole(known);
        var raw = root.Member("users")?.Items() ?? [];
        var method = root.Word("method", DemandAllocationMethod.CoincidentPeak, problems);
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
        return problems.Any ? null : new AllocationRequest { Site = site, Users = users, Paid = paid, Method = method };
    }

    private static void Check(ImmutableArray<SiteUser> users, BillRequest site, DemandAllocationMethod method, ReadProblems problems)
    {
        if (users.Select(u => u.Id).Append(BillAllocation.Site).Distinct(StringComparer.Ordinal).Count() <= users.Length)
        {
            problems.Refuse(ErrorClass.DuplicateId, "/users", $"each user stands once, under an id of its own; {BillAllocation.Site} is what none of them used");
        }

        var shares = users.Length + 1;
        var orders = shares <= DemandAllocation.MostExact ? (decimal)(1 << shares) / 2 : Samples;
        if (method == DemandAllocationMethod.Shapley && orders * shares * site.Data.Net.Count > MostWork)
        {
            problems.Refuse(ErrorClass.LimitCount, "/users", "a Shapley share of so many users over so many intervals takes too long; split fewer users or a shorter time at once, or choose coincidentPeak");
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
        return read is null ? null : new SiteUser(id.Text(), read);
    }
}
