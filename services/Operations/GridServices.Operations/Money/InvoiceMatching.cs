using GridServices.Contracts;

namespace GridServices.Operations.Money;

/// <summary>Which line of the invoice is which of ours: by kind, name and period; then by a name that is near; then, in one kind, by the amount.</summary>
internal static class InvoiceMatching
{
    /// <summary>Lines of one kind, name and period as one; the rate of several rates is not told.</summary>
    public static IReadOnlyList<InvoiceLine> Summed(IEnumerable<InvoiceLine> lines) =>
    [
        .. lines.GroupBy(l => (l.Kind, Name: Normalize(l.Name), Period: Normalize(l.Period))).Select(g => g.Count() == 1 ? g.First() : g.First() with
        {
            Quantity = g.All(l => l.Quantity is not null) && g.Select(l => l.Unit).Distinct(StringComparer.OrdinalIgnoreCase).Count() == 1 ? g.Sum(l => l.Quantity) : null,
            Rate = g.Select(l => l.Rate).Distinct().Count() == 1 ? g.First().Rate : null,
            Amount = g.Sum(l => l.Amount),
        }),
    ];

    public static Dictionary<InvoiceLine, InvoiceLine> Pairs(IReadOnlyList<InvoiceLine> ours, IReadOnlyList<InvoiceLine> theirs)
    {
        var pairs = new Dictionary<InvoiceLine, InvoiceLine>(ReferenceEqualityComparer.Instance);
        Func<InvoiceLine, InvoiceLine, bool>[] ways =
        [
            (o, t) => HaveSameKind(o, t) && Normalize(o.Name) == Normalize(t.Name) && Normalize(o.Period) == Normalize(t.Period),
            (o, t) => HaveSameKind(o, t) && HaveSamePeriod(o, t) && Normalize(o.Name) == Normalize(t.Name),
            (o, t) => HaveSameKind(o, t) && HaveSamePeriod(o, t) && Spelling.Nearest(Normalize(t.Name), [Normalize(o.Name)]) is not null,
            (o, t) => HaveSameKind(o, t) && HaveSamePeriod(o, t) && SharesWord(o.Name, t.Name),
            (o, t) => o.Kind is not null && o.Kind == t.Kind && o.Amount == t.Amount,
        ];
        foreach (var fits in ways)
        {
            foreach (var line in ours.Where(o => !pairs.ContainsKey(o)))
            {
                // Only where there is no choice: a guess between two would explain a difference that is none.
                InvoiceLine[] candidates = [.. theirs.Where(t => !pairs.Values.Contains(t, ReferenceEqualityComparer.Instance) && fits(line, t))];
                if (candidates.Length == 1 && ours.Count(o => !pairs.ContainsKey(o) && fits(o, candidates[0])) == 1)
                {
                    pairs[line] = candidates[0];
                }
            }
        }

        return pairs;
    }

    private static bool HaveSameKind(InvoiceLine a, InvoiceLine b) => a.Kind is null || b.Kind is null || a.Kind == b.Kind;

    private static bool HaveSamePeriod(InvoiceLine a, InvoiceLine b) => a.Period is null || b.Period is null || Normalize(a.Period) == Normalize(b.Period);

    private static bool SharesWord(string a, string b) => SplitWords(a).Intersect(SplitWords(b), StringComparer.Ordinal).Any();

    private static IEnumerable<string> SplitWords(string text) =>
        text.ToUpperInvariant().Split([' ', '-', '_', '/', '(', ')', ',', '.'], StringSplitOptions.RemoveEmptyEntries).Where(w => w.Length > 3);

    private static string Normalize(string? text) => string.Concat((text ?? string.Empty).ToUpperInvariant().Where(char.IsLetterOrDigit));
}
