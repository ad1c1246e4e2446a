using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Events;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Session;

/// <summary>People's choices about EndDeviceControls.</summary>
public static class LoadControlOpts
{
    private const int MostOptOuts = 64;

    /// <summary>People override a control, or take that back, as far as they may (<see cref="FindObstacle"/>).</summary>
    internal static void Choose(StepContext context, string siteId, string mrid, bool isOut)
    {
        foreach (var device in context.State.Devices.Values.Where(d => !d.Retired && d.SiteId == siteId).ToList())
        {
            if (Find(device, mrid) is not { } held || FindObstacle(held, context.ServerNow, isOut) is not null || InForce(held, context.ServerNow) is not null == isOut)
            {
                continue;
            }

            var now = context.ServerNow;
            var changed = held with
            {
                OptOuts = isOut ? held.OptOuts.Append(new OptOut(now, FindEnd(held, now))).ToValueList()
                    : held.OptOuts.Select(o => o.From <= now && !(o.Until <= now) ? o with { Until = now } : o).ToValueList(),
            };
            context.Change(device.Lfdi, d => d with { LoadControl = With(d.LoadControl, held, changed) });
            context.Inform(NoteKind.Control, $"Control {SafeText.Quote(held.MRid, 80)} of {siteId} is {(isOut ? "overridden" : "followed again")} by people.", held.MRid);
        }
    }

    /// <summary>The control of that name, as held; null: there is none.</summary>
    public static HeldControl? Find(DeviceState device, string mrid)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device.LoadControl.Schedule.Controls.FirstOrDefault(c => string.Equals(c.MRid, mrid, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The override in force; null: none.</summary>
    public static OptOut? InForce(HeldControl held, Instant now)
    {
        ArgumentNullException.ThrowIfNull(held);
        return held.OptOuts.FirstOrDefault(o => o.From <= now && !(o.Until <= now));
    }

    /// <summary>Why people can't choose so now, a sentence; null: they may.</summary>
    public static string? FindObstacle(HeldControl held, Instant now, bool isOut) => held switch
    {
        null => throw new ArgumentNullException(nameof(held)),
        _ when now >= held.Over() => "The control is over.",
        { OptOuts.Count: >= MostOptOuts } when isOut => $"It was overridden {MostOptOuts} times already.",
        { Content.Load.IsMandatory: true } when isOut && FindEnd(held, now) <= now =>
            held.Content.Load.OverrideS == 0 ? "The control is mandatory and allows no override." : $"The control is mandatory, and its {held.Content.Load.OverrideS} s of override are used up.",
        { Content.Load.IsMandatory: true } when isOut && now < held.From() => "The control is mandatory: it can be overridden once it has begun, for as long as it allows.",
        _ => null,
    };

    // What is mandatory is overridden for as long as its overrideDuration, and followed again after.
    private static Instant? FindEnd(HeldControl held, Instant now) => held.Content.Load is { IsMandatory: true } terms
        ? now + Duration.FromSeconds(Math.Max(0, terms.OverrideS - OptOuts.Seconds(held with { OptOuts = held.OptOuts.Where(o => o.Until <= now).ToValueList() })))
        : null;

    private static LoadControlState With(LoadControlState state, HeldControl held, HeldControl changed) => state with
    {
        Schedule = state.Schedule with { Controls = state.Schedule.Controls.Select(c => ReferenceEquals(c, held) ? changed : c).ToValueList() },
    };
}
