using GridServices.Contracts;

namespace GridServices.Hosting.Publishing;

/// <summary>Brings the hub's results to the rows they belong to. The contract says "in order"; the ids are held against it all the same.</summary>
internal static class ResultOrder
{
    /// <returns>One result per row, or null where the answer can't be about these rows.</returns>
    internal static IReadOnlyList<PublishResult>? Match(IReadOnlyList<OutboxRow> rows, IReadOnlyList<PublishResult?> results)
    {
        var present = results.OfType<PublishResult>().ToList();
        if (results.Count != rows.Count || present.Count != results.Count)
        {
            return null;
        }

        var ids = rows.Select(row => EventId.Read(row.Body)).ToList();
        return ids.Zip(present).All(pair => pair.Second.Id is null || string.Equals(pair.First, pair.Second.Id, StringComparison.Ordinal))
            ? present
            : ById(ids, present);
    }

    private static PublishResult[]? ById(List<string?> ids, IReadOnlyList<PublishResult> results)
    {
        var byId = results.Where(result => result.Id is not null).GroupBy(result => result.Id!, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => new Queue<PublishResult>(group), StringComparer.Ordinal);
        var ordered = new List<PublishResult>(ids.Count);
        foreach (var id in ids)
        {
            if (id is null || !byId.TryGetValue(id, out var waiting) || !waiting.TryDequeue(out var result))
            {
                return null;
            }

            ordered.Add(result);
        }

        return [.. ordered];
    }
}
