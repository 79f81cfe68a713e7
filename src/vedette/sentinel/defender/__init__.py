"""Microsoft Defender for Cloud's resources, which are fed here, and what exports them continuously."""
