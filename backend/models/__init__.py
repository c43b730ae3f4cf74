"""The only room for torch, transformers, trl, peft, vllm and openai. Jobs import these modules late, inside functions.

resolve.py      a model reference → the folder its files lie in (no heavy import)
loading.py      folder → tokenizer and model on the right device
rendering.py    messages → token ids, exactly as TRL renders them when it trains
engine.py       log-probs and rewards of many responses, each once
gauge.py        what measuring would cost: tokens counted, a few seconds timed
packed.py       one pass in which prompts are shared and nothing is padded
padded.py       one pass side by side, for models that cannot be packed
generating.py   answers to prompts
work.py         what is to be measured, as it can be handed to another process
training.py     SFT, reward model, DPO through TRL
reference.py    DPO's reference log-probs from the values that are known
endpoint.py     an OpenAI-compatible judge endpoint
"""
