using System.Text.Json.Nodes;
using System.Xml.Linq;
using GridServices.Simulators.Vtn.Messages;

namespace GridServices.Simulators.Vtn;

public sealed partial class VtnServer
{
    private (string Code, string Words, int Times) optRefusal = ("200", "OK", 0);

    /// <summary>The next oadrCreateOpts are answered with this code and these words.</summary>
    public void RefuseOpts(string code, string words, int times)
    {
        lock (gate)
        {
            optRefusal = (code, words, times);
        }
    }

    public JsonArray ShowOpts()
    {
        lock (gate)
        {
            return [.. vens.Values.SelectMany(v => v.Opts.Select(o => o.Show(v.VenId)))];
        }
    }

    private XElement CreateOpt(VenRecord ven, XElement message)
    {
        var opt = OptRecord.Read(message);
        var (code, words) = Verdict(ven, opt);
        if (code is "200")
        {
            ven.Opts.RemoveAll(o => o.OptId == opt.OptId || o.IsReplacedBy(opt));
            ven.Opts.Add(opt);
        }

        log.Add("opt", ven.VenId, $"{ven.VenId} {opt.OptType} ({opt.OptReason}) by {opt.OptId} ({opt.EventId ?? "schedule"}): {code}");
        return RegistrationMessages.CreatedOpt(code, words, FindRequestId(message), opt.OptId);
    }

    // Rule 206: an event or a vavailability, and with an event no marketContext; rule 200: a period has start and duration only.
    private (string Code, string Words) Verdict(VenRecord ven, OptRecord opt)
    {
        if (optRefusal.Times > 0)
        {
            optRefusal.Times--;
            return (optRefusal.Code, optRefusal.Words);
        }

        return opt.EventId is not null == opt.Periods.Count > 0 || (opt.EventId is not null && opt.MarketContext is not null) ? ("459", "Either an event or a vavailability")
            : opt.EventId is { } id && !events.Exists(e => string.Equals(e.EventId, id, StringComparison.Ordinal) && e.IsFor(ven.VenId)) ? ("452", $"There is no event {id}")
            : ("200", "OK");
    }

    // Rule 211: what was said about an event is not cancelled.
    private XElement CancelOpt(VenRecord ven, XElement message)
    {
        var optId = message.Text(Ns.Ei + "optID") ?? "";
        var opt = ven.Opts.Find(o => string.Equals(o.OptId, optId, StringComparison.Ordinal));
        var (code, words) = opt is null ? ("452", $"There is no opt {optId}") : opt.EventId is not null ? ("450", "An opt about an event is not cancelled") : ("200", "OK");
        if (code is "200")
        {
            ven.Opts.Remove(opt!);
        }

        log.Add("opt-cancelled", ven.VenId, $"{ven.VenId} cancels opt {optId}: {code}");
        return RegistrationMessages.CanceledOpt(code, words, FindRequestId(message), optId);
    }
}
