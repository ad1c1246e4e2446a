using System.Runtime.InteropServices;
using GridServices.FrequencyResponse.Response;

namespace GridServices.FrequencyResponse.Energy;

/// <summary>What is procured at an instant, over all contracts. W and Wh.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct ProcuredSum
{
    internal double QuantityW;
    internal double RaiseW;
    internal double LowerW;

    /// <summary>Response energy volume: what full response needs for its duration.</summary>
    internal double RaiseVolumeWh;
    internal double LowerVolumeWh;

    /// <summary>Kept free against the direction of the service, to win its energy back with.</summary>
    internal double RecoverImportW;
    internal double RecoverExportW;
    internal double RecoveryShare;

    /// <summary>Nordic NEM: quantity times factor.</summary>
    internal double NemW;

    internal void Add(ServiceSlot slot)
    {
        QuantityW += slot.QuantityW;
        RecoveryShare = Math.Max(RecoveryShare, slot.RecoveryShare);
        NemW += slot.QuantityW * slot.NemFactor;
        if (slot.Raises)
        {
            RaiseW += slot.QuantityW;
            RaiseVolumeWh += slot.QuantityW * slot.DurationSeconds / 3600;
            RecoverImportW += slot.QuantityW * slot.ReservedCapacity;
        }

        if (slot.Lowers)
        {
            LowerW += slot.QuantityW;
            LowerVolumeWh += slot.QuantityW * slot.DurationSeconds / 3600;
            RecoverExportW += slot.QuantityW * slot.ReservedCapacity;
        }
    }
}
