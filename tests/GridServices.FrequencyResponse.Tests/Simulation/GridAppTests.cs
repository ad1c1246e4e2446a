using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using GridServices.FrequencyResponse.Frames;
using GridServices.Simulators.Grid;
using GridServices.Testing;

namespace GridServices.FrequencyResponse.Tests.Simulation;

public sealed class GridAppTests
{
    private static readonly TimeSpan Patience = Until.Ceiling;

    [Fact]
    public async Task Samples_registers_and_set_points_travel_over_real_sockets()
    {
        using var stop = new CancellationTokenSource(Patience);
        using var receiver = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)receiver.Client.LocalEndPoint!).Port;
        await using var app = GridApp.Build(
            ["--http", "127.0.0.1:0", "--modbus", "127.0.0.1:0", "--setpoints", "127.0.0.1:0", "--c37", "127.0.0.1:0", "--samples", $"127.0.0.1:{port}", "--event", "calm", "--number", "9", "--quiet"]);
        await app.StartAsync(stop.Token);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };

        var datagram = await receiver.ReceiveAsync(stop.Token);
        Assert.Equal(FrameFault.None, UdpSampleFrame.TryRead(datagram.Buffer, out var frame));
        Assert.Equal(9, frame.Source);
        Assert.InRange(frame.Hz, 49.9, 50.1);

        var state = (await http.GetFromJsonAsync<GridState>("/sim/state", stop.Token))!;
        Assert.InRange(await SunSpecHertz(state.ModbusPort, stop.Token), 49.9, 50.1);

        Assert.InRange(await PhasorHertz(state.C37Port!.Value, stop.Token), 49.9, 50.1);

        var bytes = new byte[UdpSetpointFrame.MaxSize];
        var length = new UdpSetpointFrame(1, SetpointMarks.Responding, 10_000, 1, 0, 1).Write(bytes, [GridWorld.BatteryNumber], [25_000]);
        await receiver.SendAsync(bytes.AsMemory(0, length), new IPEndPoint(IPAddress.Loopback, state.SetpointPort), stop.Token);
        while (Math.Abs(state.BatteryW - 25_000) > 10)
        {
            await Task.Delay(20, stop.Token);
            state = (await http.GetFromJsonAsync<GridState>("/sim/state", stop.Token))!;
        }

        using var begun = await http.PostAsync("/sim/event/dip", null, stop.Token);
        Assert.True(begun.IsSuccessStatusCode);
        using var unknown = await http.PostAsync("/sim/event/meteor", null, stop.Token);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Contains("dip", await http.GetStringAsync("/", stop.Token), StringComparison.Ordinal);
        await app.StopAsync(stop.Token);
    }

    [Theory]
    [InlineData("--speed", "fast")]
    [InlineData("--samples", "nowhere")]
    [InlineData("--event", "meteor")]
    [InlineData("--play", "/no/such/file.csv")]
    [InlineData("--turbo", "1")]
    public void Option_that_makes_no_sense_says_how_to_mend_it(string name, string value) =>
        Assert.Contains(name, Assert.Throws<SimException>(() => GridApp.Build([name, value])).Message, StringComparison.Ordinal);

    /// <summary>Walks the SunSpec models as a client would, and reads the float meter.</summary>
    private static async Task<double> SunSpecHertz(int port, CancellationToken stop)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, stop);
        var marker = await Read(client, 40_000, 2, stop);
        Assert.Equal(SunSpecFrequency.Marker, ((uint)marker[0] << 16) | marker[1]);
        for (var at = (ushort)40_002; ;)
        {
            var head = await Read(client, at, 2, stop);
            Assert.NotEqual(SunSpecFrequency.EndModel, head[0]);
            if (head[0] == 213)
            {
                var map = SunSpecFrequency.Find(213, at)!.Frequency;
                return map.Decode(await Read(client, map.Address, 2, stop));
            }

            at += (ushort)(2 + head[1]);
        }
    }

    /// <summary>Asks a phasor measurement unit for its configuration, starts its stream, reads the third frame of it.</summary>
    private static async Task<double> PhasorHertz(int port, CancellationToken stop)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, stop);
        var bytes = new byte[36];
        C37Frames.WriteCommand(bytes, 9, C37Command.SendConfiguration2, 0);
        C37Frames.WriteCommand(bytes.AsSpan(18), 9, C37Command.StartData, 0);
        await client.GetStream().WriteAsync(bytes, stop);
        var stream = new C37Stream();
        var received = new byte[256];
        C37Configuration? configuration = null;
        for (var samples = 0; ;)
        {
            Assert.NotEqual(0, stream.Add(received.AsSpan(0, await client.GetStream().ReadAsync(received, stop))));
            while (stream.TryNext(out var frame))
            {
                if (configuration is null)
                {
                    Assert.Equal(FrameFault.None, C37Frames.TryReadConfiguration(frame, out configuration));
                    Assert.Equal(("SIM GRID", 50.0, (short)20), (configuration!.Units[0].Name, configuration.Units[0].NominalHz, configuration.DataRate));
                }
                else
                {
                    Assert.Equal(FrameFault.None, C37Frames.TryReadData(frame, configuration, 0, out var sample));
                    Assert.Equal(230, sample.LowestVolts, 1e-3);
                    if (++samples == 3)
                    {
                        return sample.Hz;
                    }
                }
            }
        }
    }

    private static async Task<ushort[]> Read(TcpClient client, ushort address, ushort count, CancellationToken stop)
    {
        var bytes = new byte[Mbap.MaxMessage];
        var length = new Mbap(7, 1, ModbusPdu.WriteRead(bytes.AsSpan(Mbap.Size), ModbusFunction.ReadHolding, address, count)).Write(bytes);
        await client.GetStream().WriteAsync(bytes.AsMemory(0, length), stop);
        await client.GetStream().ReadExactlyAsync(bytes.AsMemory(0, Mbap.Size), stop);
        Assert.Equal(FrameFault.None, Mbap.TryRead(bytes, out var head));
        await client.GetStream().ReadExactlyAsync(bytes.AsMemory(Mbap.Size, head.PduLength), stop);
        var registers = new ushort[count];
        Assert.Equal(ModbusException.None, ModbusPdu.ReadRegisters(bytes.AsSpan(Mbap.Size, head.PduLength), ModbusFunction.ReadHolding, registers));
        return registers;
    }
}
