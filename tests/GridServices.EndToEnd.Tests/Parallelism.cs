// Each of these tests starts a whole system of processes.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
