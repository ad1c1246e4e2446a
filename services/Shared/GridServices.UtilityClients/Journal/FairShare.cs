namespace GridServices.UtilityClients.Journal;

/// <summary>How a bounded size is shared: who needs less keeps all of its own, and the largest give way.</summary>
internal static class FairShare
{
    /// <param name="sizes">What each has.</param>
    /// <param name="total">What all may have together.</param>
    /// <returns>The most that one may have, so that all together fit; null where all fit as they are.</returns>
    public static long? Compute(IEnumerable<long> sizes, long total)
    {
        var ascending = sizes.Order().ToList();
        var left = total;
        for (var i = 0; i < ascending.Count; i++)
        {
            var share = left / (ascending.Count - i);
            if (ascending[i] > share)
            {
                return share;
            }

            left -= ascending[i];
        }

        return null;
    }
}
