using System.Collections.Immutable;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;

namespace GridServices.Tariffs.Allocation;

/// <summary>What a line was shared by: hours, windows or calls, or other lines.</summary>
internal sealed record LineBasis(SharingRule Rule, ImmutableArray<IndexRange> Hours, ImmutableArray<WindowSpan> Windows, ImmutableArray<string> Lines)
{
    public static LineBasis For(SharingRule rule) => new(rule, [], [], []);

    public LineBasis With(SharingRule rule, IReadOnlyList<IndexRange> hours) => this with { Rule = rule, Hours = Hours.AddRange(hours) };

    /// <summary>Windows of one day after another add up.</summary>
    public LineBasis With(SharingRule rule, IReadOnlyList<WindowSpan> windows) => this with { Rule = rule, Windows = Windows.AddRange(windows) };

    public LineBasis With(LineItem line) => this with { Rule = SharingRule.OtherLines, Lines = Lines.Contains(line.Charge) ? Lines : Lines.Add(line.Charge) };
}
