global using VenLoop = GridServices.UtilityClients.Engine.EngineLoop<
    GridServices.OpenAdr.Service.Driver.VenView, GridServices.OpenAdr.Configuration.VenConfig, GridServices.OpenAdr.VenState, GridServices.OpenAdr.VenInput, GridServices.OpenAdr.NoteKind>;
using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;

namespace GridServices.OpenAdr.Service.Driver;

/// <summary>All VENs of this process, each with its own loop.</summary>
internal sealed class VenHost(VenProtocol protocol, EngineDependencies dependencies, ILogger<VenHost> log)
    : EngineHost<VenView, VenConfig, VenState, VenInput, NoteKind>(protocol, dependencies, log)
{
    /// <summary>A receipt is for the VEN whose stream it answers.</summary>
    public static void NoteReceipt(VenLoop ven, FeedbackItem item)
    {
        if (item is { Receipt: { } receipt, Stream: { Service: "openadr" } stream } && ven.View.Config.Programs.Any(p => p.Stream == stream.Key))
        {
            ven.View.Receipts.Add(new ReceiptItem(item.SiteId, stream.Key, receipt));
        }
    }

    protected override void NoteReceipts(VenLoop loop, IReadOnlyList<FeedbackItem> batch)
    {
        foreach (var item in batch)
        {
            NoteReceipt(loop, item);
        }
    }
}
