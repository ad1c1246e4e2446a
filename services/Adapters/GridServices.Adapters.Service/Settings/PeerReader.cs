using System.Net;
using GridServices.Adapters.Contacts;
using GridServices.Adapters.Everest;
using GridServices.Adapters.Lines;
using GridServices.Adapters.Modbus;
using GridServices.Adapters.Mqtt;
using GridServices.Adapters.Schedules;
using GridServices.Adapters.Service.Modbus;
using GridServices.Adapters.Service.Mqtt;
using NodaTime;

namespace GridServices.Adapters.Service.Settings;

/// <summary>From settings to the peer of each kind.</summary>
internal static class PeerReader
{
    // One phase at 6 A: the least at which a charging station charges.
    private const long MostOfLeastW = 1_500;

    public static MqttPlan Scalars(AdapterSettings settings, SiteRules rules, Faults faults)
    {
        var peer = new ScalarPeer
        {
            BaseTopic = Topic(settings.BaseTopic ?? $"gridservices/{settings.Site}", "BaseTopic", faults),
            Topics = [.. settings.Topics.Select((t, i) => Scalar(t, faults.For($"Topics:{i}")))],
            Contacts = [.. settings.Contacts.Select((c, i) => Contact(c, faults.For($"Contacts:{i}")))],
            Lead = Duration.FromMilliseconds(settings.LeadMs),
            Every = Duration.FromSeconds(settings.EverySeconds),
        };
        faults.Require(settings.Topics.Count + settings.Contacts.Count > 0, "Topics", "is empty: name at least one topic and its quantity, or Contacts");
        faults.Require(settings.EverySeconds is >= 1 and <= 3_600, "EverySeconds", "lies between 1 and 3600");
        foreach (var twice in peer.AllTopics.GroupBy(t => t, StringComparer.Ordinal).Where(g => g.Count() > 1))
        {
            faults.Add("Topics", $"name {twice.Key} twice: one number would overwrite the other");
        }

        return new MqttPlan(Broker(settings, faults), view => peer.Now(view, rules), view => peer.GetShutdownMessages(view, rules), peer.OnlineTopic, peer.AllTopics);
    }

    public static MqttPlan Everest(AdapterSettings settings, SiteRules rules, Faults faults)
    {
        var everest = settings.Everest ?? new EverestSettings();
        var part = faults.For("Everest");
        part.Require(everest.ValidForSeconds is >= 60 and <= 86_400, "ValidForSeconds", "lies between 60 and 86400");
        part.Require(everest.ClockMarginSeconds is >= 0 and <= 60, "ClockMarginSeconds", "lies between 0 and 60");
        part.Require(everest.EverySeconds >= 1 && everest.EverySeconds <= everest.ValidForSeconds / 2, "EverySeconds", "is at least 1 and at most half of ValidForSeconds");
        part.Require(everest.CheckMs is >= 100 and < 5_000, "CheckMs", "lies between 100 and 4999: EVerest waits five seconds");
        var peer = new EverestPeer
        {
            Module = Topic(everest.Module, "Everest:Module", faults),
            SharePercent = Percent(everest.SharePercent, part),
            Schedule = new ScheduleRules { ValidFor = Duration.FromSeconds(everest.ValidForSeconds), Margin = Duration.FromSeconds(everest.ClockMarginSeconds) },
            Every = Duration.FromSeconds(everest.EverySeconds),
            CheckEvery = Duration.FromMilliseconds(everest.CheckMs),
        };
        faults.Require(settings.Everest is not null, "Everest", "is missing: its Module is the id of the API module in EVerest's configuration");
        return new MqttPlan(Broker(settings, faults), view => peer.Now(view, rules), view => peer.GetShutdownMessages(view, rules), OnlineTopic: null, peer.Topics);
    }

    public static ModbusPlan Modbus(AdapterSettings settings, Faults faults)
    {
        var modbus = settings.Modbus ?? new ModbusSettings();
        var part = faults.For("Modbus");
        var isAddress = IPEndPoint.TryParse(modbus.Listen ?? string.Empty, out var listen) && listen.Port > 0;
        part.Require(isAddress, "Listen", "is no address with a port: write e.g. 127.0.0.1:1502, or 0.0.0.0:502 for PLCs of the plant's network");
        part.Require(modbus.MostW is >= 1 and <= uint.MaxValue, "MostW", "lies between 1 and 4294967295: what \"no limit\" reads as, the connection's own greatest power");
        part.Require(modbus.MostConnections is >= 1 and <= 1_000, "MostConnections", "lies between 1 and 1000");
        var most = modbus.MostW is { } stated and >= 1 and <= uint.MaxValue ? (uint)stated : 1;
        var map = new RegisterMap { MostW = most, Lead = Duration.FromMilliseconds(settings.LeadMs) };
        return new ModbusPlan(listen ?? new IPEndPoint(IPAddress.Loopback, 1502), map, modbus.MostConnections);
    }

    private static BrokerSettings Broker(AdapterSettings settings, Faults faults)
    {
        var broker = settings.Broker ?? new BrokerSettings();
        foreach (var (setting, fault) in broker.Validate())
        {
            faults.Add($"Broker:{setting}", fault);
        }

        return broker;
    }

    private static ScalarTopic Scalar(TopicSettings topic, Faults faults)
    {
        Known(topic.Quantity, "Quantity", faults);
        Known<PowerUnit>(topic.Unit, "Unit", faults);
        Known<NoLimitWord>(topic.NoLimit, "NoLimit", faults);
        faults.Require(topic.LeastW is >= 1 and <= MostOfLeastW, "LeastW", $"lies between 1 and {MostOfLeastW}: it is told where nothing at all is allowed");
        faults.Require(topic.LeastW <= (topic.MostW ?? MostOfLeastW), "LeastW", "is above MostW, the most that is ever told");
        faults.Require(topic.MostW is null or >= 1, "MostW", "is at least 1, or left out");
        faults.Require(
            topic.ZeroMeansUnlimited || topic.NoLimit != NoLimitWord.Zero,
            "NoLimit",
            "is Zero, which forbids everything unless the reader takes 0 for unlimited: then set ZeroMeansUnlimited to true");
        return new ScalarTopic
        {
            Topic = Topic(topic.Topic, "Topic", faults),
            Quantity = topic.Quantity ?? default,
            Unit = topic.Unit,
            IsZeroUnlimited = topic.ZeroMeansUnlimited,
            LeastW = topic.LeastW,
            NoLimit = topic.NoLimit,
            MostW = topic.MostW,
            SharePercent = Percent(topic.SharePercent, faults),
        };
    }

    private static ContactBox Contact(ContactSettings contacts, Faults faults)
    {
        Known(contacts.Quantity, "Quantity", faults);
        faults.Require(contacts.On.Length > 0 && contacts.Off.Length > 0 && !string.Equals(contacts.On, contacts.Off, StringComparison.Ordinal), "On", "and Off are two words, and not the same");
        faults.Require(contacts.FullW is >= 1, "FullW", "is missing or below 1: the power of 100 %, in W");
        faults.Require(contacts.Stages.Any(s => s.Percent is 0), "Stages", "have no 0 %: without it a limit of 0 W could not be told");
        faults.Require(contacts.Stages.All(s => s.Percent is >= 0 and <= 100), "Stages", "have a Percent that is missing or outside 0 to 100");
        faults.Require(contacts.Stages.Select(s => s.Percent).Distinct().Count() == contacts.Stages.Count, "Stages", "name a Percent twice");
        var atRest = contacts.AtRestPercent ?? contacts.Stages.Max(s => s.Percent);
        faults.Require(
            contacts.Stages.All(s => s.Topic is not null || s.Percent == atRest),
            "Stages",
            $"have no Topic at a stage other than {atRest} %, and could not be told from it: no relay is on in either. Name its Topic, or set AtRestPercent to the stage that holds while no relay is on");
        faults.Require(contacts.AtRestPercent is null || contacts.Stages.Any(s => s.Percent == atRest && s.Topic is null), "AtRestPercent", "names no stage without a Topic");
        return new ContactBox
        {
            Quantity = contacts.Quantity ?? default,
            FullW = contacts.FullW ?? 1,
            SharePercent = Percent(contacts.SharePercent, faults),
            Stages = [.. contacts.Stages.Select((s, i) => new ContactStage(s.Percent ?? 0, s.Topic is { } topic ? Topic(topic, $"Stages:{i}:Topic", faults) : null))],
            On = contacts.On,
            Off = contacts.Off,
        };
    }

    private static int Percent(int share, Faults faults)
    {
        faults.Require(share is >= 1 and <= Share.Whole, "SharePercent", "lies between 1 and 100: the peer's part of the site's limit");
        return share;
    }

    // The framework takes numbers for names, 99 as well.
    private static void Known<T>(T? value, string setting, Faults faults)
        where T : struct, Enum =>
        faults.Require(value is { } stated && Enum.IsDefined(stated), setting, $"is {(value is null ? "missing" : "not known")}: one of {string.Join(", ", Enum.GetNames<T>())}");

    private static string Topic(string? topic, string setting, Faults faults)
    {
        var isTopic = topic is { Length: > 0 and <= 1_000 } && topic.All(c => c is > ' ' and <= '~' and not ('+' or '#')) && topic[0] != '$';
        faults.Require(isTopic, setting, topic is null ? "is missing" : "is no topic that can be published to: 1 to 1000 characters without blanks, + and #");
        return topic ?? string.Empty;
    }
}
