using System.Net;
using System.Net.Sockets;
using GridServices.Adapters.Service.Tests.Rig;
using GridServices.Contracts;
using GridServices.Testing;

namespace GridServices.Adapters.Service.Tests.Modbus;

/// <summary>A PLC over TCP, and those who are none.</summary>
public sealed class ModbusServerTests(HubAndBroker world) : IClassFixture<HubAndBroker>
{
    private static readonly byte[] ReadAll = [0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 15];

    [Fact]
    public async Task A_plc_reads_what_the_hub_allows_while_others_send_nonsense_and_hold_lines()
    {
        var site = HubAndBroker.NewSite();
        var port = TestPorts.Next();
        await world.StateAsync(site, new Limits { ImportLimitW = 70_000 });
        await using var adapter = await RunningAdapter.StartAsync(
            null,
            [.. RunningAdapter.Common(world.Hub, world.TokenFile, site, "Modbus"), ("Modbus:Listen", $"127.0.0.1:{port}"), ("Modbus:MostW", "100000"), ("Modbus:MostConnections", "2")]);
        using var plc = await ConnectAsync(port);
        await Until.HoldsAsync(() => AskAsync(plc), r => r[1] == 0b01011 && Power(r, 2) == 70_000 && Power(r, 4) == 100_000);

        using (var hostile = await ConnectAsync(port))
        {
            await hostile.GetStream().WriteAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());
            Assert.True(await IsClosedAsync(hostile));
        }

        // Two lines are all there are: a third is turned away until one is free.
        using var silent = await SecondLineAsync(port);
        using (var third = await ConnectAsync(port))
        {
            Assert.True(await IsClosedAsync(third));
        }

        await world.StateAsync(site, new Limits { ImportLimitW = 0 });
        await Until.HoldsAsync(() => AskAsync(plc), r => Power(r, 2) == 0 && (r[1] & 2) == 2);
    }

    [Fact]
    public async Task Without_a_hub_a_plc_reads_fail_safe()
    {
        var port = TestPorts.Next();
        await using var adapter = await RunningAdapter.StartAsync(
            null,
            [.. RunningAdapter.Common(new Uri($"http://127.0.0.1:{TestPorts.Next()}"), world.TokenFile, "nowhere", "Modbus"), ("Modbus:Listen", $"127.0.0.1:{port}"), ("Modbus:MostW", "100000")]);
        using var plc = await ConnectAsync(port);
        var registers = await AskAsync(plc);
        Assert.Equal((0b111110, 4_200u, 0u), ((int)registers[1], Power(registers, 2), Power(registers, 4)));
    }

    // The slot of the line that was just closed may take a moment to be free.
    private static async Task<TcpClient> SecondLineAsync(int port)
    {
        TcpClient? line = null;
        await Until.HoldsAsync(async () => line = await AnsweredAsync(port), answered => answered is not null);
        return line!;
    }

    private static async Task<TcpClient?> AnsweredAsync(int port)
    {
        var client = await ConnectAsync(port);
        try
        {
            await AskAsync(client);
            return client;
        }
        catch (IOException)
        {
            client.Dispose();
            return null;
        }
    }

    private static async Task<TcpClient> ConnectAsync(int port)
    {
        var client = new TcpClient();
        await Until.HoldsAsync(async () =>
        {
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, port);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        }, connected => connected);
        return client;
    }

    private static async Task<ushort[]> AskAsync(TcpClient client)
    {
        using var deadline = Until.Deadline();
        await client.GetStream().WriteAsync(ReadAll, deadline.Token);
        var answer = new byte[9 + 30];
        await client.GetStream().ReadExactlyAsync(answer, deadline.Token);
        return [.. Enumerable.Range(0, 15).Select(i => (ushort)((answer[9 + (2 * i)] << 8) | answer[10 + (2 * i)]))];
    }

    private static async Task<bool> IsClosedAsync(TcpClient client)
    {
        using var deadline = Until.Deadline();
        try
        {
            return await client.GetStream().ReadAsync(new byte[1], deadline.Token) == 0;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static uint Power(ushort[] registers, int first) => ((uint)registers[first] << 16) | registers[first + 1];
}
