"""The real CTP library: what it needs around it to be loaded safely, and to harm nobody.

    venue          one live run: its accounts, secrets, caps and folders; makes, for each scenario,
    environment    its sessions on real fronts, and the time
      guard        between a session and its API: what may go out (safety), as whom (profiles, secret, locks)
      blame        whose fault a refusal is
      network      steps of the network as commands of the relay
      clearing     what a scenario leaves working is cancelled
      veil         what must not be shown is not
    wire           all that lies between the engine and the fronts:
      process      the run's end of a worker; framing is how they talk
      worker       the process in which the native library lives; locale is what that needs
      relaying     the run's end of the relay
      relay        the process that carries the bytes: paths are its connections, dialing and addresses its fronts

`importing` reads other programs' settings. What a live scenario needs of time stands in `engine.live_care`.
"""
