using FsCheck;
using FsCheck.Fluent;
using GridServices.Adapters.Lines;
using GridServices.Adapters.Modbus;
using GridServices.Contracts;
using NodaTime;
using static GridServices.Adapters.Tests.Some;

namespace GridServices.Adapters.Tests.Modbus;

public sealed class ModbusTests
{
    private static readonly RegisterMap Map = new() { MostW = 100_000 };
    private static readonly Quantity[] Quantities = [Quantity.ImportLimitW, Quantity.ExportLimitW, Quantity.ConsumptionW, Quantity.ProductionW];

    [Fact]
    public void The_map_says_limits_age_heartbeat_and_what_comes()
    {
        var view = View(known: true, (60, Import(70_000)), (60, EffectiveLimits.None));
        Assert.Equal(
            [1, 0b01011, 1, 4464, 1, 34464, 1, 4464, 1, 34464, 0, 3, 5, 0, 60],
            Map.Read(view, Rules, Duration.FromSeconds(65_541)).Select(r => (int)r));
    }

    [Fact]
    public void Not_known_shows_fail_safe_and_says_so()
    {
        var registers = Map.Read(View(known: false), Rules, Duration.Zero);
        Assert.Equal((0b111110, 7_000u, 500u, uint.MaxValue), ((int)registers[1], Power(registers, 0), Power(registers, 1), ((uint)registers[10] << 16) | registers[11]));
    }

    [Fact]
    public void No_register_is_looser_than_the_hub() => Prop.ForAll(Views, view =>
    {
        var registers = Map.Read(view, Rules, Duration.Zero);
        return registers.Length == RegisterMap.Count && Quantities.Select((q, i) => (q, i)).All(x =>
            IsWithin(Power(registers, x.i), Allowed(view, x.q, view.At)) && ((registers[1] >> (x.i + 1)) & 1) == (LimitLine.From(view, x.q, Rules).Least(view.At, view.At + Map.Lead).Watts is null ? 0 : 1));
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("030000000F", "031E")]
    [InlineData("0400010001", "0402")]
    [InlineData("0300000010", "8302")]
    [InlineData("03FFFF0001", "8302")]
    [InlineData("0300000000", "8303")]
    [InlineData("030000007E", "8303")]
    [InlineData("03", "8303")]
    [InlineData("0600010001", "8601")]
    [InlineData("2B0E0100", "AB01")]
    public void Reads_are_answered_and_everything_else_is_refused(string request, string answer)
    {
        byte[] body = [17, .. Convert.FromHexString(request)];
        byte[] prefix = [0xAB, 0xCD, 0, 0, 0, (byte)body.Length];
        Assert.Equal(body.Length, ModbusAnswer.BodyLength(prefix));
        var frame = ModbusAnswer.Create(prefix, body, new ushort[RegisterMap.Count]);
        Assert.Equal("ABCD0000", Convert.ToHexString(frame[..4]));
        Assert.Equal(frame.Length - 6, (frame[4] << 8) | frame[5]);
        Assert.Equal("11" + answer, Convert.ToHexString(frame[6..9]));
    }

    [Theory]
    [InlineData("030000000F", true)]
    [InlineData("0400020008", true)]
    [InlineData("0300020002", false)]
    [InlineData("0300020007", false)]
    [InlineData("0300030007", false)]
    [InlineData("0300090001", false)]
    [InlineData("03000A0002", false)]
    [InlineData("0300000002", false)]
    [InlineData("0300020010", false)]
    [InlineData("0300020000", false)]
    [InlineData("0600020002", false)]
    [InlineData("03", false)]
    public void Who_reads_all_limits_has_been_told(string request, bool told) => Assert.Equal(told, ModbusAnswer.ReadsLimits([17, .. Convert.FromHexString(request)]));

    [Fact]
    public void No_frame_makes_it_fail() => Prop.ForAll(Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf().Resize(300).ToArbitrary(), bytes =>
    {
        byte[] prefix = [.. bytes.Take(6), .. new byte[Math.Max(0, 6 - bytes.Length)]];
        var length = ModbusAnswer.BodyLength([prefix[0], prefix[1], 0, 0, 0, prefix[5]]);
        byte[] body = [.. bytes.Skip(6).Take(length ?? 0)];
        return length is null || body.Length < length || ModbusAnswer.Create(prefix, body, new ushort[RegisterMap.Count]).Length >= 9;
    }).QuickCheckThrowOnFailure();

    private static uint Power(ushort[] registers, int quantity) => ((uint)registers[2 + (2 * quantity)] << 16) | registers[3 + (2 * quantity)];
}
