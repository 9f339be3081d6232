"""Who the accounts in monitored chats belong to, as the organisation says: whom to call, and whose access had ended.

It is no register of suspects. It says who is answerable, and raises how urgently a person looks, by one step and with the reason
in words; it concludes nothing about anybody, and nobody can leaf through it but those who keep it.
"""
