namespace GridServices.Tariffs.Model;

public enum ExportMode
{
    /// <summary>Export is not paid and offsets nothing.</summary>
    None,

    /// <summary>Import and export of a billing period are netted per TOU period.</summary>
    NetMetering,

    /// <summary>Every interval for itself: import is bought, export is sold at the sell prices.</summary>
    NetBilling,

    /// <summary>All consumption is bought and all generation is sold, on two meters.</summary>
    BuyAllSellAll,
}
