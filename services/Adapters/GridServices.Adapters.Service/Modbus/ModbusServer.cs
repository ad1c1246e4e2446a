using System.Net.Sockets;
using GridServices.Adapters.Lines;
using GridServices.Adapters.Modbus;
using GridServices.Adapters.Service.Sites;
using GridServices.Client;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace GridServices.Adapters.Service.Modbus;

/// <summary>Answers PLCs over Modbus TCP. Each answer is made of what is known then, so that a register never shows an old limit.</summary>
internal sealed partial class ModbusServer(string name, ModbusPlan plan, SiteFeed feed, SiteRules rules, TimeProvider time, ILogger log) : IDisposable
{
    private static readonly TimeSpan LongestIdle = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestFrame = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(50);
    private readonly TcpListener _listener = new(plan.Listen);
    private readonly SemaphoreSlim _free = new(plan.MostConnections, plan.MostConnections);
    private readonly long _started = time.GetTimestamp();
    private volatile Tuple<long, ushort[], SiteLimits>? _latest;

    /// <summary>Runs until cancelled.</summary>
    /// <exception cref="SocketException">The port is taken, or not ours to open.</exception>
    public async Task RunAsync(CancellationToken ct)
    {
        _listener.Start();
        LogListening(log, name, plan.Listen.ToString());
        while (!ct.IsCancellationRequested)
        {
            var client = await _listener.AcceptTcpClientAsync(ct);
            if (!await _free.WaitAsync(0, ct))
            {
                client.Dispose();
                LogFull(log, name, plan.MostConnections);
                continue;
            }

            _ = ServeAsync(client, ct);
        }
    }

    public void Dispose() => _listener.Dispose();

    private async Task ServeAsync(TcpClient client, CancellationToken ct)
    {
        using (client)
        {
            try
            {
                client.NoDelay = true;
                var stream = client.GetStream();
                while (await AnswerAsync(stream, ct))
                {
                    // The next frame.
                }
            }
            catch (Exception gone) when (gone is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // The PLC left, or said nothing for long.
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                LogUnanswered(log, name, fault);
            }
            finally
            {
                _free.Release();
            }
        }
    }

    private async Task<bool> AnswerAsync(NetworkStream stream, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(LongestIdle);
        var prefix = new byte[ModbusAnswer.PrefixBytes];
        await stream.ReadExactlyAsync(prefix, patience.Token);
        if (ModbusAnswer.BodyLength(prefix) is not { } length)
        {
            return false;
        }

        patience.CancelAfter(LongestFrame);
        var body = new byte[length];
        await stream.ReadExactlyAsync(body, patience.Token);
        var (registers, limits) = Registers();
        await stream.WriteAsync(ModbusAnswer.Create(prefix, body, registers), patience.Token);
        if (ModbusAnswer.ReadsLimits(body))
        {
            feed.MarkAccepted(limits);
        }

        return true;
    }

    // However fast somebody asks, the merge is made twenty times a second at most.
    private (ushort[] Registers, SiteLimits Limits) Registers()
    {
        if (_latest is { } held && time.GetElapsedTime(held.Item1) < Fresh)
        {
            return (held.Item2, held.Item3);
        }

        var (view, limits) = feed.GetSnapshot();
        var made = plan.Map.Read(view, rules, Duration.FromTimeSpan(time.GetElapsedTime(_started)));
        _latest = Tuple.Create(time.GetTimestamp(), made, limits);
        return (made, limits);
    }

    [LoggerMessage(EventIds.ModbusListening, LogLevel.Information, "{Adapter}: PLCs are answered at {Address} (Modbus TCP, functions 3 and 4)")]
    private static partial void LogListening(ILogger logger, string adapter, string address);

    [LoggerMessage(EventIds.ModbusUnanswered, LogLevel.Error, "{Adapter}: a PLC could not be answered, its connection is closed")]
    private static partial void LogUnanswered(ILogger logger, string adapter, Exception fault);

    [LoggerMessage(EventIds.ModbusFull, LogLevel.Warning, "{Adapter}: {Most} PLCs are connected, one more was turned away; raise Modbus:MostConnections if they are all yours")]
    private static partial void LogFull(ILogger logger, string adapter, int most);
}
