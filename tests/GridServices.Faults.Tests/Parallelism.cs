// Each test starts programs of its own on ports and folders of its own, and waits for them most of the time.
[assembly: CollectionBehavior(MaxParallelThreads = 2)]
