using GridServices.OpenAdr.Messages;
using GridServices.Wire;

namespace GridServices.OpenAdr.Events;

/// <summary>An opt as oadrCreateOpt.</summary>
internal static class OptMessage
{
    // OpenADR 2.0b rules 200, 204: an optID always; of a period its start and its duration, nothing else.
    public static OadrCreateOpt Create(VenState state, string optId, string requestId)
    {
        var opt = state.Opts.First(o => o.OptId == optId);
        return new OadrCreateOpt
        {
            OptId = optId,
            OptType = opt.Request.OptType,
            OptReason = opt.Request.OptReason,
            MarketContext = opt.Request.MarketContext,
            VenId = state.Registration!.VenId,
            Availability = opt.IsSchedule ? opt.Request.Periods.Select(ToInterval).ToValueList() : null,
            CreatedDateTime = opt.Choice.At,
            RequestId = requestId,
            QualifiedEventId = opt.Event is { } about ? new QualifiedEventId(opt.Request.EventId!, about.ModificationNumber) : null,
            Target = CreateTarget(opt, state.Registration.VenId),

            // OpenADR 2.0b rule 209: of a device class the endDeviceAsset alone.
            DeviceClass = opt.Request.DeviceClasses.Count == 0 ? null : new EiTarget { EndDeviceAssets = opt.Request.DeviceClasses },
        };
    }

    // OpenADR 2.0b rule 208: venID and optID.
    public static OadrCancelOpt Cancel(VenState state, string optId, string requestId) => new(requestId, optId, state.Registration!.VenId);

    private static CalendarInterval ToInterval(OptPeriod period) => new() { Start = period.Start, Duration = period.Duration.ToPeriod() };

    // OpenADR 2.0b rule 202: the venID alone means all.
    private static EiTarget CreateTarget(VenOpt opt, string venId) =>
        opt.Request.ResourceIds.Count == 0 ? new EiTarget { VenIds = [venId] } : new EiTarget { ResourceIds = opt.Request.ResourceIds };
}
