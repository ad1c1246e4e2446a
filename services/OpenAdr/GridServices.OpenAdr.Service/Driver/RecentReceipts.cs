using GridServices.Contracts;

namespace GridServices.OpenAdr.Service.Driver;

/// <summary>What site controllers said of a VEN's envelopes lately; the hub keeps them all.</summary>
internal sealed class RecentReceipts
{
    private const int MostKept = 50;
    private readonly Queue<ReceiptItem> _receipts = new();

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<ReceiptItem> Latest
    {
        get
        {
            lock (_receipts)
            {
                return [.. _receipts];
            }
        }
    }

    public void Add(ReceiptItem receipt)
    {
        lock (_receipts)
        {
            _receipts.Enqueue(receipt);
            if (_receipts.Count > MostKept)
            {
                _receipts.Dequeue();
            }
        }
    }
}

/// <summary>What a site controller said of one of this VEN's envelopes.</summary>
public sealed record ReceiptItem(string SiteId, string Stream, Receipt Receipt);
