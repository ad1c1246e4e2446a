using NodaTime;

namespace GridServices.Simulation.Utilities;

/// <summary>
/// Draws a utility's orders: each in a slot of its own, so that two of one stream never meet and no rule of precedence decides, changed and cancelled as it goes.
/// <code>
///   slot 1         slot 2         slot 3
///   ├──[####]──────┼──────[##]────┼──[#######]──
/// </code>
/// </summary>
internal sealed class OrderBook(World world, string stream, bool isExport, IReadOnlyList<long> limits, bool canModify)
{
    private static readonly Duration Slot = Duration.FromMinutes(4);
    private readonly List<Order> _orders = [];
    private long _slots;

    public IReadOnlyList<Order> Orders => _orders;

    public string Stream { get; } = stream;

    /// <summary>Those that a utility still speaks of.</summary>
    public IEnumerable<Order> Present => _orders.Where(o => o.Latest.Until + o.Latest.StartAfter > world.Now);

    /// <summary>Issues an order for the next slot that is not under way, or changes one.</summary>
    /// <returns>What was issued or changed; null: nothing.</returns>
    public Order? Act()
    {
        var present = Present.Where(o => o.Latest.LimitW is not null).ToList();
        return present.Count > 0 && world.Chance.Happens(0.5) ? Change(world.Chance.Pick(present)) : Issue();
    }

    private Order? Issue()
    {
        var next = (long)(world.Elapsed / Slot) + 1;
        if (next <= _slots || _slots > next + 2)
        {
            return null;
        }

        _slots = Math.Max(_slots + 1, next);
        var begin = world.Now - world.Elapsed + (Slot * _slots);
        var from = begin + world.Chance.Seconds(5, 40);
        var order = new Order($"{Stream}-{_slots}", Stream, isExport);
        order.Issue(new OrderVersion(
            0, world.Now, from, from + world.Chance.Seconds(60, 160), world.Chance.Happens(0.5) ? Duration.FromSeconds(30) : Duration.Zero, world.Chance.Pick(limits)));
        _orders.Add(order);
        world.Log("utility", $"orders {Describe(order)}");
        return order;
    }

    private Order? Change(Order order)
    {
        var latest = order.Latest;
        var cancels = !canModify || world.Chance.Happens(0.3);
        order.Issue(latest with
        {
            Number = latest.Number + 1,
            IssuedAt = world.Now,
            LimitW = cancels ? null : world.Chance.Pick(limits),
            Until = cancels || world.Now >= latest.From ? latest.Until : latest.From + world.Chance.Seconds(60, 160),
        });
        world.Log("utility", $"{(cancels ? "cancels" : "modifies")} {Describe(order)}");
        return order;
    }

    private string Describe(Order order) =>
        $"{order.Id}.{order.Latest.Number}: {order.Latest.LimitW?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "-"} W {(order.Latest.From - world.Now + world.Elapsed).TotalSeconds:0}..{(order.Latest.Until - world.Now + world.Elapsed).TotalSeconds:0} +{order.Latest.StartAfter.TotalSeconds:0}";
}
