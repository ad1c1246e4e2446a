namespace GridServices.Client;

/// <summary>What is acknowledged to the hub of the set that is held: each state once, and nothing while who has to obey was not told.</summary>
internal sealed class Acknowledgements(Func<SiteLimits, bool>? isTold, FeedbackQueue feedback, Action<string> askingFailed)
{
    private ReceiptBook _book = ReceiptBook.Empty;
    private bool _failureTold;

    /// <summary>Queues what is due now.</summary>
    public void QueueDue(HeldSet set, IReadOnlyList<Shortfall> shortfalls, SiteLimits limits)
    {
        if (!IsTold(limits))
        {
            _book = ReceiptPlanner.Withheld(_book, set, limits.At);
            return;
        }

        (_book, var due) = ReceiptPlanner.Plan(_book, set, shortfalls, limits.At);
        foreach (var receipt in due)
        {
            feedback.Add(receipt);
        }
    }

    // Who can't say whether anybody was told has told nobody.
    private bool IsTold(SiteLimits limits)
    {
        try
        {
            return isTold is null || isTold(limits);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            if (!_failureTold)
            {
                _failureTold = true;
                askingFailed($"Acknowledges failed, so nothing is acknowledged: {fault.GetType().Name}: {fault.Message}");
            }

            return false;
        }
    }
}
