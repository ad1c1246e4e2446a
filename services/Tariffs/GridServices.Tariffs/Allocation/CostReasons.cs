using System.Collections.Immutable;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using NodaTime;

namespace GridServices.Tariffs.Allocation;

/// <summary>Collects, line by line, why some users pay what they pay.</summary>
internal sealed class CostReasons
{
    /// <summary>Windows that are listed of one line.</summary>
    private const int MostWindows = 96;

    /// <summary>Hours that are listed of one line: a day's each of a year.</summary>
    private const int MostHours = 366;

    private readonly SharedLoad load;
    private readonly IntervalSeries net;
    private readonly (int User, ImmutableArray<SharedLine>.Builder Lines)[] explained;

    public CostReasons(SharedLoad load, IntervalSeries net, IReadOnlyCollection<string> ids)
    {
        (this.load, this.net) = (load, net);
        var wanted = ids.ToHashSet(StringComparer.Ordinal);
        explained = wanted.Count == 0 ? [] : [.. Enumerable.Range(0, load.Count).Where(i => wanted.Contains(load.Ids[i])).Select(i => (i, ImmutableArray.CreateBuilder<SharedLine>()))];
    }

    public void Add(int cycle, LineItem line, decimal[] parts, LineBasis basis)
    {
        foreach (var (user, lines) in explained)
        {
            if (parts[user] != 0)
            {
                var (hours, more) = Hours(user, basis.Hours);
                lines.Add(WithWindows(user, basis, new SharedLine(cycle, line.Kind, line.Charge, line.Amount, parts[user], basis.Rule)
                {
                    Period = line.Period,
                    Version = line.Version,
                    Tier = line.Tier,
                    Quantity = line.Quantity,
                    Unit = line.Unit,
                    Rate = line.Rate,
                    PeakAt = line.PeakAt,
                    Note = line.Note,
                    Hours = hours,
                    MoreHours = more,
                    Of = basis.Lines,
                }));
            }
        }
    }

    public ImmutableArray<CostReason> All() => [.. explained.Select(e => new CostReason(load.Ids[e.User], e.Lines.ToImmutable()))];

    private (ImmutableArray<SharedHours> Hours, int More) Hours(int user, ImmutableArray<IndexRange> hours)
    {
        if (load.FindLoad(user) is not { } own)
        {
            return ([], 0);
        }

        var used = own.Within(hours).Where(r => own.Sum(r) > 0).ToArray();
        return ([.. used.OrderByDescending(own.Sum).Take(MostHours).OrderBy(r => r.From)
            .Select(r => new SharedHours(net.GetStart(r.From), net.GetStart(r.From + r.Count), own.Kwh(own.Sum(r)), load.SiteKwh(r)))], Math.Max(0, used.Length - MostHours));
    }

    private SharedLine WithWindows(int user, LineBasis basis, SharedLine line)
    {
        if (load.FindLoad(user) is not { } own || basis.Windows.IsEmpty)
        {
            return line;
        }

        var windows = own.Kw(basis.Windows);
        var listed = windows.OrderByDescending(w => w.Kw).Take(MostWindows).OrderBy(w => w.Window).Select(w => (Span: basis.Windows[w.Window], w.Kw));
        return line with
        {
            Windows = [.. listed.Select(w => new SharedWindow(Instant.FromUnixTimeSeconds(w.Span.From), Instant.FromUnixTimeSeconds(w.Span.Until), w.Kw, load.Site.Kw(w.Span)))],
            MoreWindows = Math.Max(0, windows.Length - MostWindows),
        };
    }
}
