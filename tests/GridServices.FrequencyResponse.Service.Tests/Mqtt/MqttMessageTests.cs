using System.Text;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Instructions;
using GridServices.FrequencyResponse.Service.Mqtt;
using GridServices.FrequencyResponse.Service.Registry;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Tests.Mqtt;

public sealed class MqttMessageTests
{
    private static readonly Instant Now = Instant.FromUtc(2027, 1, 15, 18, 0);

    [Fact]
    public void A_message_is_an_instruction_or_a_cease()
    {
        var (message, _) = InstructionMessage.Read("""{"instructionId":"i1","sequence":3,"direction":"lower","powerMw":-1.5,"from":"2027-01-15T18:00:00Z"}"""u8.ToArray());
        var said = Assert.IsType<InstructionCommand.Instruct>(message!.Command()).Instruction;
        Assert.Equal((-1_500_000, ResponseDirection.Lower, Now, null, 3), (said.PowerW, said.Direction, said.Start, said.End, said.Sequence));
        (message, _) = InstructionMessage.Read("""{"instructionId":"i1","sequence":4,"cease":true}"""u8.ToArray());
        Assert.Equal(new InstructionCommand.Cease("i1", 4), message!.Command());
    }

    [Theory]
    [InlineData("""{"instructionId":"i1","sequence":1,"direction":"raise","powerW":1}""", "/from")]
    [InlineData("""{"instructionId":"i1","sequence":1,"powerW":1,"from":"2027-01-15T18:00:00Z"}""", "/direction")]
    [InlineData("""{"instructionId":"i1","sequence":1,"direction":"raise","powerW":1,"powerMw":1,"from":"2027-01-15T18:00:00Z"}""", "powerMw")]
    [InlineData("""{"instructionId":"i1","sequence":1,"direction":"raise","powerMw":1000000,"from":"2027-01-15T18:00:00Z"}""", "powerMw")]
    [InlineData("""{"instructionId":"i 1","sequence":1,"cease":true}""", "/instructionId")]
    [InlineData("""{"instructionId":"i1","sequence":-1,"cease":true}""", "/sequence")]
    [InlineData("""{"instructionId":"i1","cease":true}""", "sequence")]
    [InlineData("""{"instructionId":"i1","sequence":1,"cease":true,"powerW":0}""", "a cease says")]
    [InlineData("""{"instructionId":"i1","sequence":1,"cease":true,"power":0}""", "/power")]
    [InlineData("{", "not JSON")]
    public void What_can_not_be_meant_says_what_is_wrong(string json, string why)
    {
        var (_, fault) = InstructionMessage.Read(Encoding.UTF8.GetBytes(json));
        Assert.Contains(why, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_signal_counts_once_in_order_and_while_it_is_fresh()
    {
        var age = Duration.FromSeconds(10);
        var (signal, _) = SignalMessage.Read("""{"pu":-0.25,"at":"2027-01-15T18:00:00Z"}"""u8.ToArray());
        Assert.Null(signal!.Stale(null, age, retained: false, Now));
        Assert.Null(signal.Stale(Now - Duration.FromSeconds(4), age, retained: false, Now + age));
        Assert.NotNull(signal.Stale(Now, age, retained: false, Now));
        Assert.NotNull(signal.Stale(Now + Duration.FromSeconds(4), age, retained: false, Now));
        Assert.NotNull(signal.Stale(null, age, retained: true, Now));
        Assert.NotNull(signal.Stale(null, age, retained: false, Now + age + Duration.FromMilliseconds(1)));
        Assert.NotNull(signal.Stale(null, age, retained: false, Now - age - Duration.FromMilliseconds(1)));
        Assert.Null(SignalMessage.Read("""{"pu":1.01,"at":"2027-01-15T18:00:00Z"}"""u8.ToArray()).Message);
        Assert.Null(SignalMessage.Read("""{"pu":1}"""u8.ToArray()).Message);
    }

    [Theory]
    [InlineData("neso/+/x", null, ServiceKind.Instruction, "/mqtt/topic")]
    [InlineData("neso/#", null, ServiceKind.Instruction, "/mqtt/topic")]
    [InlineData("$SYS/x", null, ServiceKind.Instruction, "/mqtt/topic")]
    [InlineData("neso/", null, ServiceKind.Instruction, "/mqtt/topic")]
    [InlineData("", null, ServiceKind.Instruction, "/mqtt/topic")]
    [InlineData("taken", null, ServiceKind.Instruction, "/mqtt/topic")]
    [InlineData("a", WhenLost.Cease, ServiceKind.Signal, "/mqtt/whenLost")]
    [InlineData("a", null, ServiceKind.Continuous, "/mqtt")]
    public void A_contract_that_can_not_be_told_so_is_refused_by_name(string topic, WhenLost? whenLost, ServiceKind kind, string pointer)
    {
        var entries = Entries.None.With(new EntryId("default", "c2"), Contract(new MqttSettings { Topic = "taken" }));
        var contract = Contract(new MqttSettings { Topic = topic, WhenLost = whenLost });
        Assert.Equal(pointer, Assert.Single(MqttRules.Check(new EntryId("default", "c1"), contract, _ => kind, entries, Broker("mqtts://b"))).Pointer);
    }

    [Fact]
    public void Of_two_signal_contracts_on_the_same_assets_one_has_a_topic()
    {
        var (up, down) = (Contract(new MqttSettings { Topic = "up" }) with { Assets = ["bess-1", "bess-2"] }, Contract(new MqttSettings { Topic = "down" }) with { Assets = ["bess-2"] });
        var entries = Entries.None.With(new EntryId("default", "up"), up);
        var fault = Assert.Single(Check(down, ServiceKind.Signal));
        Assert.Equal("/mqtt", fault.Pointer);
        Assert.Contains("contract up on the same assets", fault.Detail, StringComparison.Ordinal);
        Assert.Empty(Check(down, ServiceKind.Instruction));
        Assert.Empty(Check(down with { Assets = ["bess-3"] }, ServiceKind.Signal));
        Assert.Empty(Check(down with { Mqtt = null }, ServiceKind.Signal));

        IReadOnlyList<ConfigFault> Check(ContractSettings contract, ServiceKind kind) => MqttRules.Check(new EntryId("default", "down"), contract, _ => kind, entries, Broker("mqtts://b"));
    }

    [Fact]
    public void A_contract_needs_a_broker_of_its_own_tenant()
    {
        var contract = Contract(new MqttSettings { Topic = "a" });
        Assert.Empty(MqttRules.Check(new EntryId("default", "c1"), contract, _ => ServiceKind.Signal, Entries.None, Broker("mqtts://b")));
        Assert.Contains("Mqtt:Broker", Assert.Single(MqttRules.Check(new EntryId("default", "c1"), contract, _ => ServiceKind.Signal, Entries.None, new BrokerOptions())).Detail, StringComparison.Ordinal);
        Assert.Contains("Mqtt:Tenant", Assert.Single(MqttRules.Check(new EntryId("other", "c1"), contract, _ => ServiceKind.Signal, Entries.None, Broker("mqtts://b"))).Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mqtt://broker.example:1883", "TLS only")]
    [InlineData("http://broker.example", "no address of a broker")]
    [InlineData("mqtts://user:secret@broker.example", "settings of their own")]
    [InlineData("mqtts://broker.example/x", "no address of a broker")]
    [InlineData("broker.example", "no address of a broker")]
    [InlineData("mqtt://user:sec@ret@broker.example:1883", "no address of a broker")]
    public void An_address_that_can_not_be_meant_ends_the_start_and_no_password_is_told(string broker, string why)
    {
        Assert.Contains(Broker(broker).Validate(), f => f.Contains(why, StringComparison.Ordinal));
        Assert.All(Broker(broker).Validate(), f => Assert.DoesNotContain("user", f, StringComparison.Ordinal));
    }

    [Fact]
    public void Plain_lines_stay_on_this_machine_and_a_password_needs_a_name()
    {
        Assert.Empty(Broker("mqtt://127.0.0.1").Validate());
        Assert.Equal((1883, 8883, 9), (Broker("mqtt://localhost").Port, Broker("mqtts://b").Port, Broker("mqtts://b:9").Port));
        Assert.NotEmpty((Broker("mqtts://b") with { PasswordFile = "/x" }).Validate());
        Assert.NotEmpty((Broker("mqtt://localhost") with { TrustedRoots = "/x" }).Validate());
    }

    private static BrokerOptions Broker(string address) => new() { Broker = address };

    private static ContractSettings Contract(MqttSettings mqtt) => JsonSerializer.Deserialize<ContractSettings>(
        """{"service":"CE-AFRR-UP","siteId":"site-1","windows":[],"assets":[],"sources":[]}""", ContractJson.Options)! with
    { Mqtt = mqtt };
}
