using System.Net.Sockets;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Frames;
using GridServices.FrequencyResponse.Measurement;
using GridServices.FrequencyResponse.Service.Registry;

namespace GridServices.FrequencyResponse.Service.Sources;

/// <summary>Polls a meter over Modbus TCP, in step with its period; a poll that brings nothing brings no sample.</summary>
internal sealed class ModbusReader(EntryId id, SourceSettings settings, SourceDependencies dependencies) : SourceReader(id, settings, dependencies)
{
    private const int RetryMs = 500;
    private const long FactorsNanos = 10_000_000_000;
    private readonly ModbusPoll _poll = settings.Modbus!;

    public override string Endpoint => $"{_poll.Host}:{_poll.Port}";

    protected override void Receive()
    {
        do
        {
            try
            {
                using var line = ModbusClient.Connect(_poll.Host, _poll.Port, (byte)_poll.Unit, (int)_poll.Timeout.TotalMilliseconds);
                if (MeterMap.Find(line, _poll, out var problem) is not { } map)
                {
                    Problem(problem);
                }
                else
                {
                    Problem(Coarse(map));
                    Poll(line, map);
                }
            }
            catch (SocketException e)
            {
                Problem($"{Endpoint}: {SafeText.Line(e.Message)}");
            }
        }
        while (Pause(RetryMs));
    }

    private void Poll(ModbusClient client, MeterMap map)
    {
        var (due, factored) = (Clock.Nanos, Clock.Nanos);
        var step = _poll.Every.ToInt64Nanoseconds();
        do
        {
            if (Clock.Nanos - factored > FactorsNanos)
            {
                factored = Clock.Nanos;
                map = map.WithFactorsFrom(client);
                Problem(Coarse(map));
            }

            Once(client, map);

            // A late poll is not made up for by a burst.
            due = Math.Max(due + step, Clock.Nanos);
        }
        while (Pause((int)Math.Max(0, (due - Clock.Nanos) / 1_000_000)));
    }

    private void Once(ModbusClient client, MeterMap map)
    {
        var fault = map.Read(client, out var hz, out var volts);
        var received = Clock.Nanos;
        if (fault != ModbusException.None)
        {
            Refuse();
            Problem($"{Endpoint} answers exception {(int)fault} ({fault})");
            return;
        }

        var quality = double.IsNaN(hz) ? SampleQuality.Invalid : SampleQuality.Good;
        Deliver(new FrequencySample(hz, double.NaN, volts / (double)Settings.NominalVolts, received, 0, quality, 0), more: false);
    }

    /// <summary>A scale factor of -2 makes 10 mHz steps: told at once, where the source was stated to be finer.</summary>
    private string? Coarse(MeterMap map)
    {
        var step = map.StepHz;
        return step > (double)Settings.ResolutionHz * 1.000001
            ? $"{Endpoint} gives frequency in steps of {step} Hz, coarser than the stated resolutionHz {Settings.ResolutionHz}; state the truth"
            : null;
    }
}
