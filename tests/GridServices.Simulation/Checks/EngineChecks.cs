using GridServices.Simulation.Publishing;

namespace GridServices.Simulation.Checks;

/// <summary>An engine's steps: P5 (its state survives the store) and P6 (what is refused changes no order).</summary>
internal sealed class EngineChecks(World world)
{
    public void Stepped<TState, TInput>(IProtocolModel<TState, TInput> protocol, TState before, TInput input, StepOutcome<TState> step)
        where TState : class
        where TInput : class
    {
        if (step.MustStore)
        {
            var read = protocol.Read(protocol.Write(step.State));
            if (!protocol.Orders(read).SequenceEqual(protocol.Orders(step.State)))
            {
                world.Checks.Fail("P5", $"after {protocol.Describe(input)} the stored state says something else");
            }
        }

        if (protocol.IsRefusal(input) && protocol.Orders(step.State).Except(protocol.Orders(before)).Any())
        {
            world.Checks.Fail("P6", $"{protocol.Describe(input)} changed orders");
        }

        if (!step.MustStore && step.Publications.Count > 0)
        {
            world.Checks.Fail("P5", $"after {protocol.Describe(input)} something is published that is not stored");
        }
    }
}
