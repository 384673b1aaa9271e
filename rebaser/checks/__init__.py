"""Is it safe? One file per check; each is a pure function of one platform's plan."""
